import { within } from './fault';
import { generate, property } from './generate';
import type { PerReader } from './reader';
import { unfit, type Addition, type Component, type Schema } from './schema';
import { codedAddition, hasUnknown, readAdditions, writeAdditions, type CodedAddition, type Fields } from './sequence-additions';
import type { PerWriter } from './writer';

/** So many bits are tested in one word. */
const WORD = 31;

/** The functions that read and write a SEQUENCE (X.691 section 19): the bits of its optional components, then the components. */
export function compileSequence(root: readonly Component[], additions: readonly Addition[] | undefined): Pick<Schema<Fields>, 'read' | 'write'> {
  const optionalCount = root.filter((component) => component.optional).length;
  if (optionalCount > WORD) throw new RangeError(`a sequence with more than ${WORD} optional components in its root`);
  const added = additions?.map((addition) => codedAddition(addition, compileSequence));
  return { read: compileRead(root, optionalCount, added), write: compileWrite(root, optionalCount, added) };
}

/** Additions that are handled one by one in the source; groups and longer lists go through the general functions. */
function plain(added: readonly CodedAddition[]): readonly (CodedAddition & { name: string })[] | undefined {
  return added.length <= WORD && added.every(({ name }) => name !== undefined) ? added as (CodedAddition & { name: string })[] : undefined;
}

/** What generated source uses: the schemas and default values by position, and the functions of this file. */
function scopeOf(root: readonly Component[], added: readonly CodedAddition[] | undefined): Record<string, unknown> {
  return {
    ...Object.fromEntries(root.map(({ schema }, i) => [`s${i}`, schema])),
    ...Object.fromEntries(root.flatMap(({ fallback }, i) => (fallback === undefined ? [] : [[`f${i}`, fallback]]))),
    ...Object.fromEntries((added ?? []).map(({ schema }, i) => [`a${i}`, schema])),
    names: [...root.map(({ name }) => name), ...(added ?? []).map(({ name }) => name)],
    added, within, unfit, isFallback, hasUnknown, readAdditions, writeAdditions,
  };
}

/** The bit of each optional component of the root, as a number; 0 for the others. */
function masks(root: readonly Component[], optionalCount: number): number[] {
  let bit = optionalCount;
  return root.map(({ optional }) => (optional ? 2 ** --bit : 0));
}

function compileRead(root: readonly Component[], optionalCount: number, added: readonly CodedAddition[] | undefined): (reader: PerReader) => Fields {
  const mask = masks(root, optionalCount);
  const fields = root.map(({ name, optional, fallback }, i) => {
    const read = `${property(name)} = s${i}.read(reader);`;
    return `at = ${i}; ${optional ? `if (present & ${mask[i]}) ${read}` : read}${fallback === undefined ? '' : ` else ${property(name)} = f${i};`}`;
  });
  const one = added && plain(added);
  const extension = !added ? [] : !one ? ['if (extended) readAdditions(reader, value, added, reader.smallLength());'] : [`if (extended) {
      const count = reader.smallLength();
      if (count > ${WORD} || count < 1) readAdditions(reader, value, added, count);
      else {
        const bits = reader.bits(count);
        const more = bits << (${WORD} - count);
        ${one.map(({ name }, i) => `at = ${root.length + i}; if (more & ${2 ** (WORD - 1 - i)}) ${property(name)} = reader.open(a${i});`).join('\n        ')}
        if (count > ${one.length} && (more & ${2 ** (WORD - one.length) - 1})) value['...'] = reader.unknownAdditions(bits, count, ${one.length});
      }
    }`];
  return generate(`function read(reader) {
    ${added ? 'const extended = reader.bit();' : ''}
    ${optionalCount > 0 ? `const present = reader.bits(${optionalCount});` : ''}
    const value = {};
    let at = -1;
    try {
      ${[...fields, ...extension].join('\n      ')}
    } catch (thrown) {
      throw names[at] === undefined ? thrown : within(thrown, names[at]);
    }
    return value;
  }`, scopeOf(root, added));
}

function compileWrite(root: readonly Component[], optionalCount: number, added: readonly CodedAddition[] | undefined): (writer: PerWriter, value: Fields) => void {
  const mask = masks(root, optionalCount);
  const one = added && plain(added);
  const present = root.flatMap(({ optional, fallback }, i) => (optional ? [`(v${i} !== undefined${fallback === undefined ? '' : ` && !isFallback(v${i}, f${i})`} ? ${mask[i]} : 0)`] : []));
  const fields = root.map(({ optional }, i) => `at = ${i}; ${optional ? `if (present & ${mask[i]}) ` : ''}s${i}.write(writer, v${i});`);
  const additions = !added ? [] : [`if (extended) {
        ${!one ? 'at = -1; writeAdditions(writer, value, added);' : `if (hasUnknown(value)) { at = -1; writeAdditions(writer, value, added); }
        else {
          writer.smallLength(${one.length});
          writer.bits(more, ${one.length});
          ${one.map((_, i) => `at = ${root.length + i}; if (more & ${2 ** (one.length - 1 - i)}) writer.open(a${i}, w${i});`).join('\n          ')}
        }`}
      }`];
  return generate(`function write(writer, value) {
    if (typeof value !== 'object' || value === null) throw unfit('an object', value);
    ${root.map(({ name }, i) => `const v${i} = ${property(name)};`).join('\n    ')}
    ${optionalCount > 0 ? `const present = ${present.join(' | ')};` : ''}
    ${!added ? '' : !one ? 'const extended = hasUnknown(value) || added.some((addition) => addition.present(value));' : `
    ${one.map(({ name }, i) => `const w${i} = ${property(name)};`).join('\n    ')}
    const more = ${one.map((_, i) => `(w${i} !== undefined ? ${2 ** (one.length - 1 - i)} : 0)`).join(' | ') || '0'};
    const extended = more !== 0 || hasUnknown(value);`}
    ${added ? 'writer.bits(extended ? 1 : 0, 1);' : ''}
    ${optionalCount > 0 ? `writer.bits(present, ${optionalCount});` : ''}
    let at = -1;
    try {
      ${[...fields, ...additions].join('\n      ')}
    } catch (thrown) {
      throw names[at] === undefined ? thrown : within(thrown, names[at]);
    }
  }`, scopeOf(root, added));
}

function isFallback(given: unknown, fallback: unknown): boolean {
  if (given === fallback) return true;
  if (typeof given !== 'object' || typeof fallback !== 'object' || given === null || fallback === null) return false;
  return Object.entries(fallback).every(([name, alternative]) => alternative === null && (given as Fields)[name] === null);
}

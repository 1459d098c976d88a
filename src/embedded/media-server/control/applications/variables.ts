import type { ControlApplication } from '.';

/** `name=value`; without a value the variable is taken away. */
function assignment(text: string): [name: string, value: string] {
  const equals = text.indexOf('=');
  return equals === -1 ? [text.trim(), ''] : [text.slice(0, equals).trim(), text.slice(equals + 1)];
}

export const setVariable: ControlApplication = (_control, channel, { argument }) => {
  const [name, value] = assignment(argument);
  if (name !== '') channel.setVariable(name, value);
};

/** Like `set`; also the legs that the channel would call know the variable: here there are none. */
export const exportVariable: ControlApplication = (control, channel, run) => {
  setVariable(control, channel, run);
  const [name] = assignment(run.argument);
  const names = (channel.variable('export_vars') ?? '').split(',').filter((known) => known !== '' && known !== name);
  channel.setVariable('export_vars', [...names, name].join(','));
};

/** Several at once, divided by spaces, or by the sign that follows `^^`. */
export const multiset: ControlApplication = (_control, channel, { argument }) => {
  const divided = argument.startsWith('^^') ? argument.slice(3).split(argument[2] ?? ' ') : argument.split(' ');
  for (const [name, value] of divided.map(assignment)) if (name !== '') channel.setVariable(name, value);
};

export const unset: ControlApplication = (_control, channel, { argument }) => channel.setVariable(argument.trim(), undefined);

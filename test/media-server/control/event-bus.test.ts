import { EventBus, type EventListener } from '../../../src/embedded/media-server/control/event-bus';
import type { ServerEvent } from '../../../src/embedded/media-server/control/event';
import { Subscription } from '../../../src/embedded/media-server/control/esl/subscription';
import { identify } from '../../../src/embedded/media-server/control/identity';

const [ONE, OTHER] = ['0A1B2C3D-0000-4000-8000-000000000001', '0a1b2c3d-0000-4000-8000-000000000002'];

/** A connection as the bus sees it. */
class Connection implements EventListener {
  readonly subscription = new Subscription();
  readonly told: string[] = [];
  asked = 0;

  constructor(private readonly bus: EventBus, names: string[], ...channels: string[]) {
    this.subscription.add(names);
    for (const channel of channels) this.subscription.addFilter('Unique-ID', channel);
    bus.add(this);
  }

  get onlyChannel(): string | undefined {
    return this.subscription.onlyChannel;
  }

  wants(name: string, subclass: string | undefined): boolean {
    this.asked++;
    return this.subscription.wants(name, subclass);
  }

  notify(event: ServerEvent): void {
    if (this.subscription.passes(event)) this.told.push(`${event.get('Event-Name')} ${event.get('Unique-ID') ?? '-'}`);
  }

  filter(value: string): void {
    this.subscription.addFilter('Unique-ID', value);
    this.bus.add(this);
  }

  unfilter(): void {
    this.subscription.removeFilter('all', '');
    this.bus.add(this);
  }
}

let bus: EventBus;
const digit = (channel: string): void => bus.fire('DTMF', () => [['Unique-ID', channel]], { channel });

beforeEach(() => { bus = new EventBus(identify()); });

test('a connection that follows one channel is not even asked about the others', () => {
  const [one, other] = [new Connection(bus, ['DTMF'], ONE), new Connection(bus, ['DTMF'], OTHER)];
  digit(ONE);
  digit(ONE);
  digit(OTHER);
  expect(one.told).toEqual([`DTMF ${ONE}`, `DTMF ${ONE}`]);
  expect([one.asked, other.asked]).toEqual([2, 1]);
});

test('one without a filter, or with several, hears what its filters say', () => {
  const [all, both, rest] = [new Connection(bus, ['DTMF']), new Connection(bus, ['DTMF'], ONE, OTHER), new Connection(bus, ['DTMF'], `-${ONE}`, OTHER)];
  for (const channel of [ONE, OTHER, 'third']) digit(channel);
  expect(all.told).toEqual([`DTMF ${ONE}`, `DTMF ${OTHER}`, 'DTMF third']);
  expect(both.told).toEqual([`DTMF ${ONE}`, `DTMF ${OTHER}`]);
  expect(rest.told).toEqual([`DTMF ${OTHER}`]);
});

test('filters may come and go', () => {
  const connection = new Connection(bus, ['DTMF'], ONE);
  connection.filter(OTHER);
  digit(OTHER);
  connection.unfilter();
  digit('third');
  connection.filter(ONE);
  digit('third');
  digit(ONE);
  expect(connection.told).toEqual([`DTMF ${OTHER}`, 'DTMF third', `DTMF ${ONE}`]);
});

test('events of modules reach who follows the channel that they name', () => {
  const [one, other] = [new Connection(bus, ['CUSTOM', 'conference::maintenance'], ONE), new Connection(bus, ['CUSTOM', 'conference::maintenance'], OTHER)];
  bus.fireCustom('conference::maintenance', () => [['Unique-ID', ONE]]);
  bus.fireCustom('conference::maintenance', () => [['Conference-Name', 'room']]);
  expect(one.told).toEqual([`CUSTOM ${ONE}`]);
  expect(other.told).toEqual([]);
});

test('an event of a channel that nobody listens to is not made', () => {
  new Connection(bus, ['CHANNEL_STATE']);
  new Connection(bus, ['DTMF'], OTHER);
  const headers = jest.fn(() => []);
  bus.fire('DTMF', headers, { channel: ONE });
  expect(headers).not.toHaveBeenCalled();
});

test('who has gone hears nothing more', () => {
  const gone = new Connection(bus, ['DTMF'], ONE);
  bus.remove(gone);
  bus.remove(gone);
  digit(ONE);
  expect(gone.told).toEqual([]);
});

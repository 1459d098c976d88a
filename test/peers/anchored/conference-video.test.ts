import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { describePeer, GRID_POINTS, showsPicture, until, VIDEO_MODULE, type Baresip, type TestPicture } from '../harness';

jest.setTimeout(120_000);

const CALLER = 'ex90-1@ahtari.kunta.example';
const AGENT = 'ex90-2@kela.kunta.example';
const INTERPRETER = 'ex90-3@tulkit.kunta.example';
const PICTURES: Record<'caller' | 'agent' | 'interpreter', TestPicture> = {
  caller: { left: 'red', right: 'blue' }, agent: { left: 'lime', right: 'yellow' }, interpreter: { left: 'cyan', right: 'magenta' },
};
type Role = keyof typeof PICTURES;

describePeer(['baresip', VIDEO_MODULE, 'ffmpeg'], 'pictures of three', () => {
  let anchored: AnchoredGateway;
  let operator: Operator;
  let kela: string;
  let signs: string;
  beforeAll(async () => {
    anchored = await AnchoredGateway.start();
    operator = new Operator(anchored.gateway.dataDir);
    await anchored.device(CALLER);
    kela = await anchored.device(AGENT, 'kela');
    signs = await anchored.device(INTERPRETER, 'viittoma', { joins: true, kind: 'interpreting' });
  });
  afterEach(() => anchored.closePhones());
  afterAll(() => anchored.stop());

  const room = (address: string, role: Role, toneHz: number) => anchored.phone(address, { toneHz, codecs: ['g722/16000/1'], picture: PICTURES[role] });
  /** Whose pictures there are in what it sees; how they are arranged is the media server's. */
  const sees = async (phone: Baresip): Promise<Role[]> => {
    const colours = await phone.seen(GRID_POINTS) ?? [];
    return (Object.keys(PICTURES) as Role[]).filter((role) => showsPicture(colours, PICTURES[role]));
  };
  const seesOne = async (phone: Baresip, ...roles: Role[]): Promise<boolean> => (await sees(phone)).some((role) => roles.includes(role));

  test('the interpreter is seen by both at once, and sees who speaks; when it has left, the two see each other', async () => {
    const agent = await room(AGENT, 'agent', 700);
    const caller = await room(CALLER, 'caller', 400);
    const interpreter = await room(INTERPRETER, 'interpreter', 1000);
    await caller.dial(`sip:${kela}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await until('the two see each other', async () => await seesOne(caller, 'agent') && await seesOne(agent, 'caller'), 20_000);

    await operator.change(await operator.theCall(), 'add', signs);
    await interpreter.waitFor('CALL_ESTABLISHED');
    await until('both see the interpreter', async () => await seesOne(caller, 'interpreter') && await seesOne(agent, 'interpreter'), 20_000);
    await until('the interpreter sees one of them', () => seesOne(interpreter, 'caller', 'agent'), 20_000);

    await interpreter.hangUp();
    await until('the two see each other again', async () => await seesOne(caller, 'agent') && await seesOne(agent, 'caller'), 20_000);
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
  });
});

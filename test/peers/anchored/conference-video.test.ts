import { AnchoredGateway } from '../../support/anchored-gateway';
import { Operator } from '../../support/control';
import { describePeer, isPicture, until, VIDEO_MODULE, type Baresip, type TestPicture } from '../harness';

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
  const sees = async (phone: Baresip): Promise<Role | undefined> => {
    const colours = await phone.seen() ?? [];
    return (Object.keys(PICTURES) as Role[]).find((role) => isPicture(colours, PICTURES[role]));
  };

  test('the interpreter is seen by both at once, and sees who speaks; when it has left, the two see each other', async () => {
    const agent = await room(AGENT, 'agent', 700);
    const caller = await room(CALLER, 'caller', 400);
    const interpreter = await room(INTERPRETER, 'interpreter', 1000);
    await caller.dial(`sip:${kela}`);
    await agent.waitFor('CALL_ESTABLISHED');
    await until('the two see each other', async () => await sees(caller) === 'agent' && await sees(agent) === 'caller', 20_000);

    await operator.change(await operator.theCall(), 'add', signs);
    await interpreter.waitFor('CALL_ESTABLISHED');
    await until('both see the interpreter', async () => await sees(caller) === 'interpreter' && await sees(agent) === 'interpreter', 20_000);
    await until('the interpreter sees one of them', async () => ['caller', 'agent'].includes(await sees(interpreter) ?? ''), 20_000);

    await interpreter.hangUp();
    await until('the two see each other again', async () => await sees(caller) === 'agent' && await sees(agent) === 'caller', 20_000);
    await caller.hangUp();
    await agent.waitFor('CALL_CLOSED');
  });
});

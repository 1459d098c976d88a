import { freePorts, GatewayProcess } from './harness';

jest.setTimeout(60_000);

describe('the page of the built program', () => {
  let gateway: GatewayProcess;
  let url: string;
  beforeAll(async () => {
    const port = await freePorts();
    url = `http://127.0.0.1:${port}`;
    gateway = await GatewayProcess.start({
      pilot: true, config: { sip: { listen: ['sip:127.0.0.1:0;transport=udp', 'sip:127.0.0.1:0;transport=ws'] }, web: { enabled: true, port } },
    });
  });
  afterAll(() => gateway.stop());

  test('names the SIP server\'s own WebSocket and comes with its script and style', async () => {
    expect(await (await fetch(`${url}/fi`)).text()).toContain(`data-sip-url="ws://${gateway.address('ws')}"`);
    for (const file of ['main.js', 'style.css', 'licences.txt']) expect((await fetch(`${url}/${file}`)).status).toBe(200);
  });

  test('lists the services of the pilot directory', async () => {
    const { services } = await (await fetch(`${url}/services?language=sv&text=fpa`)).json() as { services: { address: string; name: string }[] };
    expect(services.map(({ name }) => name)).toContainEqual(expect.stringContaining('FPA'));
    expect(services.map(({ address }) => address)).not.toContain('itsetesti.fi@palvelu.example');
  });
});

test('a page without a WebSocket for browsers does not start, and says what to set', async () => {
  await expect(GatewayProcess.start({ config: { web: { enabled: true, port: await freePorts() } } })).rejects.toThrow(/web-sip-url|transport=ws/);
});

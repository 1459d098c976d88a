import { RawPhone, type RawPhoneOptions } from '../peers/harness/raw-phone';
import { PASSWORD, type TestGateway } from './test-gateway';

/** A telephone of plain messages that is registered as a device; whoever opens it closes it. */
export async function registeredPhone(gateway: Pick<TestGateway, 'address'>, address: string, options: Partial<RawPhoneOptions> = {}): Promise<RawPhone> {
  const phone = await RawPhone.open({ server: gateway.address(options.transport ?? 'udp'), address, password: PASSWORD, ...options });
  try {
    await phone.register();
  } catch (error) {
    await phone.close();
    throw error;
  }
  return phone;
}

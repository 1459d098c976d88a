import path from 'node:path';
import { controlRequest } from '../../src/web';
import { until } from '../peers/harness';

interface RunningCall {
  id: string;
  state: string;
  caller: string;
}

/** What an operator does over the control socket of a gateway's data folder. */
export class Operator {
  private readonly socket: string;

  constructor(dataDir: string) {
    this.socket = path.join(dataDir, 'control.sock');
  }

  calls(): Promise<RunningCall[]> {
    return controlRequest(this.socket, 'GET', '/calls');
  }

  status<T>(): Promise<T> {
    return controlRequest(this.socket, 'GET', '/status');
  }

  /** The only call that runs, once both talk. */
  async theCall(): Promise<string> {
    return (await until('a call runs', async () => (await this.calls()).find(({ state }) => state === 'talking'))).id;
  }

  /** `etasilta calls hangup CALL`. */
  hangUp(call: string): Promise<{ hungUp: string }> {
    return controlRequest(this.socket, 'DELETE', `/calls/${call}`);
  }

  /** `etasilta calls ACTION CALL ARGUMENT`. */
  change(call: string, action: string, argument = ''): Promise<{ party: string }> {
    return controlRequest(this.socket, 'POST', `/calls/${call}/${action}${argument && `/${argument}`}`);
  }
}

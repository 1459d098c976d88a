import { upTime } from './api/status';
import type { Control } from './control';
import { FREESWITCH_VERSION } from './identity';

const INTERVAL_MS = 20_000;

/** Tells applications every 20 s that the server lives and how full it is; returns what stops it. */
export function startHeartbeat(control: Control, intervalMs = INTERVAL_MS): () => void {
  const beat = (): void => control.events.fire('HEARTBEAT', () => {
    const counts = control.channels.counts();
    const alive = Date.now() - control.identity.startedAt;
    return [
      ['Event-Info', 'System Ready'], ['Up-Time', upTime(alive)], ['FreeSWITCH-Version', FREESWITCH_VERSION], ['Uptime-msec', String(alive)],
      ['Session-Count', String(counts.current)], ['Max-Sessions', String(counts.maximum)], ['Session-Per-Sec', String(counts.maximum)],
      ['Session-Per-Sec-Last', String(counts.perSecond)], ['Session-Per-Sec-Max', String(counts.perSecondPeak)],
      ['Session-Per-Sec-FiveMin', String(counts.perSecondPeakFiveMinutes)], ['Session-Since-Startup', String(counts.sinceStartup)],
      ['Session-Peak-Max', String(counts.peak)], ['Session-Peak-FiveMin', String(counts.peakFiveMinutes)],
      ['Idle-CPU', control.load.idleCpu.current.toFixed(6)],
    ];
  });
  const timer = setInterval(beat, intervalMs);
  return () => clearInterval(timer);
}

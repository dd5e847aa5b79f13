import type { Host } from '../host/index.ts'
import type { RaftDriver, Voter } from '../raft/index.ts'
import type { NodeSettings } from './node-settings.ts'

const LOOK_MS = 100
/** Shorter than any restart: a voter that restarts counts as gone, too. One that does not answer in time may still be there. */
const LOOKS = 3

/**
 * Waits until so many voters refuse connections, in several looks one after the other, that no controller can be active: whoever stops
 * then has nobody to ask and nobody to hand over to. Only a refusal counts, never a silence: a network that is cut says nothing of who is
 * behind it. Resolves, without an answer, when `signal` is aborted.
 */
export async function lostMajority(
  host: Pick<Host, 'clock' | 'network' | 'journal'>,
  raft: Pick<RaftDriver, 'voters'>,
  { nodeId, controllerListener }: Pick<NodeSettings, 'nodeId' | 'controllerListener'>,
  signal: AbortSignal,
): Promise<void> {
  for (let refused = 0; refused < LOOKS && !signal.aborted; ) {
    await pause(host, signal)
    const { voters } = raft
    const gone = await Promise.all(voters.map((voter) => voter.id !== nodeId && refuses(host, voter, controllerListener, signal)))
    const left = gone.filter((each) => !each).length
    refused = voters.length === 0 || 2 * left > voters.length ? 0 : refused + 1
  }
  if (!signal.aborted)
    host.journal.info('a majority of controllers refuses connections: this node stops without asking any', { node: nodeId })
}

async function refuses({ network }: Pick<Host, 'network'>, { endpoints }: Voter, listener: string, signal: AbortSignal): Promise<boolean> {
  const endpoint = endpoints.find(({ name }) => name === listener) ?? endpoints[0]
  if (endpoint === undefined) return false
  try {
    const connection = await network.connect({ host: endpoint.host, port: endpoint.port, timeoutMs: LOOK_MS, signal })
    connection.onData(() => {})
    connection.onClose(() => {})
    connection.destroy()
    return false
  } catch (error) {
    return (error as { code?: string }).code === 'ECONNREFUSED'
  }
}

function pause({ clock }: Pick<Host, 'clock'>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = clock.after(LOOK_MS, end)
    signal.addEventListener('abort', end)
    if (signal.aborted) end()
  })
}

import { type Connection, type Host, silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { simHost } from '../../src/sim/index.ts'

/** The hosts a specification of this room runs on. */
export const stages: { name: string; run: (act: (host: Host) => Promise<void>) => Promise<void> }[] = [
  { name: 'on the real host', run: (act) => act(nodeHost({ journal: silentJournal })) },
  {
    name: 'in the simulated world',
    run: (act) => {
      const { world, host } = simHost({ seed: 3, chop: true })
      return world.run(() => act(host))
    },
  },
]

/** Only where waiting costs nothing. */
export function simulated(act: (host: Host) => Promise<void>): Promise<void> {
  return stages[1].run(act)
}

export function pass(host: Host, durationMs: number): Promise<void> {
  return new Promise((resolve) => void host.clock.after(durationMs, resolve))
}

/** Waits for a condition, at most `limitMs`. */
export async function until(host: Host, condition: () => boolean, limitMs = 5000): Promise<void> {
  const endMs = host.clock.monotonic() + limitMs
  while (!condition()) {
    if (host.clock.monotonic() > endMs) throw new Error(`not within ${limitMs} ms: ${condition}`)
    await pass(host, 1)
  }
}

/** A frame as it travels: its size, then the body. */
export function framed(body: string | Buffer): Buffer {
  const bytes = Buffer.from(body)
  const frame = Buffer.alloc(bytes.length + 4)
  frame.writeInt32BE(bytes.length)
  bytes.copy(frame, 4)
  return frame
}

/** A client without manners: raw bytes in and out. */
export class RawClient {
  readonly stream: Connection
  closed = false
  bytes = 0
  #chunks: Uint8Array[] = []

  constructor(stream: Connection) {
    this.stream = stream
    stream.onData((chunk) => {
      this.#chunks.push(Buffer.from(chunk))
      this.bytes += chunk.length
    })
    stream.onClose(() => (this.closed = true))
  }

  get received(): Buffer {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)]
    return this.#chunks.length === 0 ? Buffer.alloc(0) : (this.#chunks[0] as Buffer)
  }
}

export async function rawClient(host: Host, address: { host: string; port: number }): Promise<RawClient> {
  return new RawClient(await host.network.connect(address))
}

import { once } from 'node:events'
import { createServer } from 'node:net'

/** Ports nobody listens on now: the system picks them, and all are held until all are known, so they differ. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1')
      await once(server, 'listening')
      return server
    }),
  )
  const ports = servers.map((server) => (server.address() as { port: number }).port)
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  return ports
}

/** A port that is free together with those at these distances above it, for nodes whose ports follow each other. */
export async function freeRange(distances: readonly number[]): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const [first] = await freePorts(1)
    if (first! + Math.max(...distances) > 65_535) continue
    const servers = distances.map((distance) => createServer().listen(first! + distance, '127.0.0.1'))
    const listening = await Promise.all(
      servers.map((server) =>
        once(server, 'listening').then(
          () => true,
          () => false,
        ),
      ),
    )
    await Promise.all(servers.filter((_server, place) => listening[place]).map((server) => once(server.close(), 'close')))
    if (listening.every(Boolean)) return first!
  }
  throw new Error(`no ports are free at distances ${distances.join(', ')}`)
}

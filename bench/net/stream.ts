/**
 * How much processor time the server's way from file to socket takes, and how fast small frames echo.
 * The client is a process of its own, so that the numbers are the server's alone.
 *
 *   node bench/net/stream.ts [pieces|receive|echo|idle] …
 */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { silentJournal } from '../../src/host/index.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import { Server, type ServerOptions } from '../../src/net/index.ts'

const sliceBytes = 1 << 20
const fileBytes = 256 << 20
const streamedBytes = Number(process.env.GIB ?? 4) * 2 ** 30

/** The other process: sends what it is told to, reads and counts. */
function runClient(): void {
  process.on(
    'message',
    (order: { port: number; frames: number; frameBytes: number; window: number; expectBytes: number; sockets: number }) => {
      if (order.sockets > 0) {
        const sockets: Socket[] = []
        const more = (): void => {
          if (sockets.length === order.sockets) return void process.send?.({ done: true })
          const socket = connect(order.port, '127.0.0.1', more)
          sockets.push(socket)
        }
        more()
        return
      }
      const frame = Buffer.alloc(order.frameBytes + 4)
      frame.writeInt32BE(order.frameBytes)
      let sent = 0
      let received = 0
      const send = (socket: Socket): void => {
        const due = Math.min(order.frames, Math.floor(received / order.expectBytes) + order.window) - sent
        if (due <= 0) return
        sent += due
        socket.write(due === 1 ? frame : Buffer.concat(Array.from({ length: due }, () => frame)))
      }
      const socket = connect({
        port: order.port,
        host: '127.0.0.1',
        noDelay: true,
        onread: {
          buffer: Buffer.alloc(1 << 20),
          callback: (count: number) => {
            received += count
            send(socket)
            if (received === order.frames * order.expectBytes) {
              socket.destroy()
              process.send?.({ done: true })
            }
            return true
          },
        },
      })
      socket.on('connect', () => send(socket))
    },
  )
}

async function measure(
  name: string,
  onFrame: ServerOptions['onFrame'],
  order: Record<string, number>,
  unit: (seconds: number, cpu: number) => string,
): Promise<void> {
  const server = await Server.open(nodeHost({ journal: silentJournal }), {
    listeners: [{ name: 'L', securityProtocol: 'PLAINTEXT', host: '127.0.0.1', port: 0 }],
    onFrame,
  })
  const client: ChildProcess = fork(import.meta.filename, ['client'])
  const cpu = process.cpuUsage()
  const startMs = performance.now()
  client.send({ sockets: 0, ...order, port: server.address('L')?.port })
  await once(client, 'message')
  const { user, system } = process.cpuUsage(cpu)
  console.log(`${name}: ${unit((performance.now() - startMs) / 1000, (user + system) / 1e6)}`)
  client.kill()
  await once(client, 'exit')
  await server.destroy()
}

async function pieces(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'tkafka-bench-'))
  const path = join(directory, 'segment')
  writeFileSync(path, Buffer.alloc(fileBytes, 7))
  const file = await nodeHost({ journal: silentJournal }).disk.open(path, 'read')
  for (const how of ['at once', 'through the pool'] as const) {
    let at = 0
    await measure(
      `1 MiB slices read ${how}`,
      (connection) => {
        const from = (at = (at + sliceBytes) % fileBytes)
        const size = Buffer.alloc(4 + 60)
        size.writeInt32BE(60 + sliceBytes)
        const read = (into: Buffer, position: number): number | Promise<number> =>
          how === 'at once' ? file.readNow(into, from + position) : file.read(into, from + position)
        connection.respond([size, { bytes: sliceBytes, read }])
      },
      { frames: streamedBytes / sliceBytes, frameBytes: 60, window: 2, expectBytes: 64 + sliceBytes },
      (seconds, cpu) =>
        `${(streamedBytes / 2 ** 30 / seconds).toFixed(2)} GiB/s, ${(cpu / (streamedBytes / 2 ** 30)).toFixed(3)} CPU s/GiB`,
    )
  }
  await file.close()
  rmSync(directory, { recursive: true })
}

async function echo(): Promise<void> {
  const frames = 500_000
  for (const window of [1, 16, 256]) {
    const count = window === 1 ? frames / 10 : frames
    await measure(
      `echo of 100 bytes, ${window} in flight`,
      (connection, frame) => {
        const answer = Buffer.allocUnsafe(frame.length + 4)
        answer.writeInt32BE(frame.length)
        frame.copy(answer, 4)
        connection.respond([answer])
      },
      { frames: count, frameBytes: 100, window, expectBytes: 104 },
      (seconds, cpu) => `${Math.round(count / seconds)} frames/s, ${((cpu / count) * 1e6).toFixed(2)} µs CPU per frame`,
    )
  }
}

async function idle(): Promise<void> {
  const sockets = 10_000
  const before = process.memoryUsage().rss
  await measure(
    'idle connections',
    () => {},
    { frames: 0, frameBytes: 0, window: 0, expectBytes: 1, sockets },
    () => {
      globalThis.gc?.()
      const { rss } = process.memoryUsage()
      return `${((rss - before) / 1024 / sockets).toFixed(1)} KiB of broker memory each (${sockets})`
    },
  )
}

async function receive(): Promise<void> {
  for (const frameBytes of [16 << 10, 60 << 10, 256 << 10, 1 << 20]) {
    const frames = Math.ceil(streamedBytes / frameBytes)
    const answer = Buffer.alloc(50)
    answer.writeInt32BE(46)
    await measure(
      `frames of ${frameBytes >> 10} KiB received`,
      (connection) => connection.respond([answer]),
      { frames, frameBytes, window: 5, expectBytes: 50 },
      (seconds, cpu) =>
        `${(streamedBytes / 2 ** 30 / seconds).toFixed(2)} GiB/s, ${(cpu / (streamedBytes / 2 ** 30)).toFixed(3)} CPU s/GiB`,
    )
  }
}

const programs: Record<string, () => Promise<void>> = { pieces, receive, echo, idle }
if (process.argv[2] === 'client') runClient()
else for (const name of process.argv.length > 2 ? process.argv.slice(2) : Object.keys(programs)) await programs[name]()

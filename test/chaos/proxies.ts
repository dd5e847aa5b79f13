import { once } from 'node:events'
import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { freePorts } from '../apache/free-port.ts'
import type { Role } from './chaos-node.ts'
import { CLIENTS, type Endpoint, type Network } from './network.ts'

const HOST = '127.0.0.1'
const roles: readonly Role[] = ['broker', 'controller']
/** What a lost packet costs: the time until it is sent again. */
const RETRANSMIT_MS = 200
const BITS_PER_BYTE = 8

const linksOf = (pid: number): string[] => {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((fd) => readlinkSync(`/proc/${pid}/fd/${fd}`))
  } catch {
    return []
  }
}

/** One direction of one connection. */
interface Flow {
  readonly from: number
  readonly to: number
  readonly source: Socket
}

/**
 * The network of machines where nodes cannot have one of their own: everything on the loopback, every listener behind a proxy of this
 * process. Who dials is found out by the port it dials from (/proc/net/tcp); where there is no /proc, everybody counts as a client.
 *
 * What it cannot do: connections are taken while a link is cut, and only what is said on them does not arrive.
 */
export class Proxies implements Network {
  readonly description = 'loopback, a proxy in front of every listener'
  readonly #servers: Server[] = []
  readonly #endpoints = new Map<string, { listen: Endpoint; advertised: Endpoint }>()
  readonly #pids = new Map<number, number>()
  readonly #flows = new Set<Flow>()
  readonly #cuts = new Set<string>()
  readonly #lossPercent = new Map<number, number>()
  readonly #kbitPerSecond = new Map<number, number>()

  static async open(ids: readonly number[]): Promise<Proxies> {
    const proxies = new Proxies()
    const ports = await freePorts(ids.length * roles.length)
    for (const id of ids) for (const role of roles) await proxies.#open(id, role, ports.pop()!)
    return proxies
  }

  async #open(id: number, role: Role, port: number): Promise<void> {
    const server = createServer({ allowHalfOpen: true }, (socket) => this.#accept(socket, id, port)).listen(0, HOST)
    await once(server, 'listening')
    this.#servers.push(server)
    const { port: proxyPort } = server.address() as { port: number }
    this.#endpoints.set(`${id} ${role}`, { listen: { host: HOST, port }, advertised: { host: HOST, port: proxyPort } })
  }

  endpointOf(id: number, role: Role): { listen: Endpoint; advertised: Endpoint } {
    return this.#endpoints.get(`${id} ${role}`)!
  }

  launcherOf(): string[] {
    return []
  }

  started(id: number, pid: number): void {
    this.#pids.set(id, pid)
  }

  #accept(dialler: Socket, to: number, port: number): void {
    const from = this.#whoDials(dialler.remotePort!, dialler.localPort!)
    const listener = connect({ host: HOST, port, allowHalfOpen: true })
    const end = (): void => {
      dialler.destroy()
      listener.destroy()
    }
    for (const socket of [dialler, listener]) socket.on('error', end).on('close', end)
    this.#carry({ from, to, source: dialler }, listener)
    this.#carry({ from: to, to: from, source: listener }, dialler)
  }

  /** The local port of a connection leads to its inode, and the inode to the process that holds it. */
  #whoDials(from: number, to: number): number {
    const [local, remote] = [from, to].map((port) => `:${port.toString(16).toUpperCase().padStart(4, '0')}`) as [string, string]
    let rows: string[]
    try {
      rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    } catch {
      return CLIENTS
    }
    const row = rows.map((line) => line.trim().split(/\s+/)).find((cells) => cells[1]?.endsWith(local) && cells[2]?.endsWith(remote))
    const link = `socket:[${row?.[9]}]`
    for (const [id, pid] of this.#pids) if (linksOf(pid).includes(link)) return id
    return CLIENTS
  }

  #carry(flow: Flow, sink: Socket): void {
    const { source, from, to } = flow
    this.#flows.add(flow)
    if (this.#isCut(flow)) source.pause()
    source.on('data', (chunk) => {
      const delayMs = this.#delayMs(from, to, chunk.length)
      // Order is kept: nothing more is taken while this waits.
      source.pause()
      const pass = (): void => {
        if (sink.destroyed) return
        if (!sink.write(chunk)) sink.once('drain', () => this.#resume(flow))
        else this.#resume(flow)
      }
      if (delayMs > 0) setTimeout(pass, delayMs)
      else pass()
    })
    source.on('end', () => sink.end())
    source.on('close', () => this.#flows.delete(flow))
  }

  #isCut({ from, to }: Flow): boolean {
    return this.#cuts.has(`${from} ${to}`)
  }

  #resume(flow: Flow): void {
    if (!this.#isCut(flow)) flow.source.resume()
  }

  #delayMs(from: number, to: number, bytes: number): number {
    const lossPercent = Math.max(this.#lossPercent.get(from) ?? 0, this.#lossPercent.get(to) ?? 0)
    const kbitPerSecond = this.#kbitPerSecond.get(from)
    const sendingMs = kbitPerSecond === undefined ? 0 : (bytes * BITS_PER_BYTE) / kbitPerSecond
    return sendingMs + (Math.random() * 100 < lossPercent ? RETRANSMIT_MS : 0)
  }

  cut(from: number, to: number): void {
    this.#cuts.add(`${from} ${to}`)
    for (const flow of this.#flows) if (this.#isCut(flow)) flow.source.pause()
  }

  lose(id: number, percent: number): void {
    this.#lossPercent.set(id, percent)
  }

  slow(id: number, kbitPerSecond: number): void {
    this.#kbitPerSecond.set(id, kbitPerSecond)
  }

  reset(id: number): void {
    for (const { from, to, source } of this.#flows) if (from === id || to === id) source.resetAndDestroy()
  }

  heal(): void {
    this.#cuts.clear()
    this.#lossPercent.clear()
    this.#kbitPerSecond.clear()
    for (const { source } of this.#flows) source.resume()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { source } of this.#flows) source.destroy()
    await Promise.all(this.#servers.map((server) => new Promise((resolve) => server.close(resolve))))
  }
}

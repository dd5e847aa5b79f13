import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { Role } from './chaos-node.ts'
import { CLIENTS, type Endpoint, type Network } from './network.ts'

const BROKER_PORT = 9092
const CONTROLLER_PORT = 9093

const run = (command: string, args: readonly string[], input = ''): void => {
  execFileSync(command, args, { input, stdio: ['pipe', 'ignore', 'pipe'] })
}
const works = (command: string, ...args: string[]): boolean => spawnSync(command, args, { stdio: 'ignore' }).status === 0

/** Why nodes cannot have network namespaces of their own here; undefined: they can. */
export const namespacesMissing = (): string | undefined => {
  if (process.platform !== 'linux') return 'network namespaces are Linux'
  if (process.getuid?.() !== 0) return 'network namespaces need root'
  for (const [command, from] of [
    ['ip', 'iproute2'],
    ['tc', 'iproute2'],
    ['ss', 'iproute2'],
    ['nsenter', 'util-linux'],
    ['nft', 'nftables'],
  ] as const)
    if (!works(command, command === 'nft' ? '--version' : '-V')) return `${command} is not installed (${from})`
  const name = `chaos-try-${process.pid}`
  if (!works('ip', 'netns', 'add', name)) return 'this machine does not allow network namespaces'
  const canFilter = works('nsenter', `--net=/run/netns/${name}`, 'nft', 'add', 'table', 'inet', 'chaos')
  works('ip', 'netns', 'del', name)
  return canFilter ? undefined : 'this kernel has no nftables'
}

/** What is left of runs whose process is gone: they were killed. */
const sweep = (): void => {
  const names = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' }).stdout
  for (const [name, pid] of names.matchAll(/chaos-(\d+)-\d+/g)) {
    if (existsSync(`/proc/${pid}`)) continue
    works('ip', 'netns', 'del', name)
    works('ip', 'link', 'del', `chaos${pid}`)
  }
}

interface Links {
  /** Where its packets do not go, and whence none comes. */
  readonly to: Set<number>
  readonly from: Set<number>
  lossPercent: number
  isSlow: boolean
}

/**
 * A network namespace for each node, a bridge between them, and the clients at the bridge itself:
 *
 *     clients 10.x.y.254 ─ bridge ─┬─ veth ─ namespace of node 1, 10.x.y.1
 *                                  ├─ veth ─ namespace of node 2, 10.x.y.2
 */
export class Namespaces implements Network {
  readonly description: string
  readonly #prefix = `chaos-${process.pid}`
  readonly #bridge = `chaos${process.pid}`
  readonly #subnet: string
  readonly #links = new Map<number, Links>()

  constructor(ids: readonly number[]) {
    sweep()
    this.#subnet = `10.${64 + ((process.pid >> 8) & 63)}.${process.pid & 255}`
    this.description = `network namespaces on ${this.#subnet}.0/24, nftables, tbf`
    try {
      run('ip', ['link', 'add', this.#bridge, 'type', 'bridge'])
      run('ip', ['addr', 'add', `${this.addressOf(CLIENTS)}/24`, 'dev', this.#bridge])
      run('ip', ['link', 'set', this.#bridge, 'up'])
      for (const id of ids) this.#add(id)
    } catch (error) {
      this.#remove()
      throw error
    }
  }

  #nameOf(id: number): string {
    return `${this.#prefix}-${id}`
  }

  #vethOf(id: number): string {
    return `cv${id}-${process.pid}`
  }

  #inside(id: number, command: string, args: readonly string[], input?: string): void {
    run('nsenter', [`--net=/run/netns/${this.#nameOf(id)}`, command, ...args], input)
  }

  #add(id: number): void {
    const veth = this.#vethOf(id)
    run('ip', ['netns', 'add', this.#nameOf(id)])
    this.#links.set(id, { to: new Set(), from: new Set(), lossPercent: 0, isSlow: false })
    run('ip', ['link', 'add', veth, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', this.#nameOf(id)])
    run('ip', ['link', 'set', veth, 'master', this.#bridge, 'up'])
    this.#inside(id, 'ip', ['addr', 'add', `${this.addressOf(id)}/24`, 'dev', 'eth0'])
    this.#inside(id, 'ip', ['link', 'set', 'eth0', 'up'])
    this.#inside(id, 'ip', ['link', 'set', 'lo', 'up'])
    this.#filter(id)
  }

  endpointOf(id: number, role: Role): { listen: Endpoint; advertised: Endpoint } {
    const endpoint = { host: this.addressOf(id), port: role === 'broker' ? BROKER_PORT : CONTROLLER_PORT }
    return { listen: endpoint, advertised: endpoint }
  }

  started(): void {}

  addressOf(id: number): string {
    return `${this.#subnet}.${id === CLIENTS ? 254 : id}`
  }

  launcherOf(id: number): string[] {
    // Not `ip netns exec`, which gives a process mounts of its own too: what is unmounted here would live on there.
    return ['nsenter', `--net=/run/netns/${this.#nameOf(id)}`]
  }

  cut(from: number, to: number): void {
    if (from === CLIENTS) {
      this.#links.get(to)!.from.add(from)
      this.#filter(to)
    } else {
      this.#links.get(from)!.to.add(to)
      this.#filter(from)
    }
  }

  lose(id: number, percent: number): void {
    this.#links.get(id)!.lossPercent = percent
    this.#filter(id)
  }

  slow(id: number, kbitPerSecond: number): void {
    this.#inside(id, 'tc', [
      'qdisc',
      'replace',
      'dev',
      'eth0',
      'root',
      'tbf',
      'rate',
      `${kbitPerSecond}kbit`,
      'burst',
      '16kb',
      'latency',
      '500ms',
    ])
    this.#links.get(id)!.isSlow = true
  }

  reset(id: number): void {
    this.#inside(id, 'ss', ['-K', '-t', 'state', 'established'])
  }

  heal(): void {
    for (const [id, links] of this.#links) {
      links.to.clear()
      links.from.clear()
      links.lossPercent = 0
      this.#filter(id)
      if (links.isSlow) this.#inside(id, 'tc', ['qdisc', 'del', 'dev', 'eth0', 'root'])
      links.isSlow = false
    }
  }

  /** All rules of a node's namespace at once: nft puts them in place as a whole. */
  #filter(id: number): void {
    const { to, from, lossPercent } = this.#links.get(id)!
    const loss = lossPercent > 0 ? [`numgen random mod 100 < ${lossPercent} drop`] : []
    const incoming = [...[...from].map((each) => `ip saddr ${this.addressOf(each)} drop`), ...loss]
    const outgoing = [...[...to].map((each) => `ip daddr ${this.addressOf(each)} drop`), ...loss]
    const chain = (name: string, hook: string, loopback: string, rules: readonly string[]): string =>
      `chain ${name} {\n type filter hook ${hook} priority 0; policy accept;\n ${[`${loopback} "lo" accept`, ...rules].join('\n ')}\n}\n`
    const chains = chain('incoming', 'input', 'iif', incoming) + chain('outgoing', 'output', 'oif', outgoing)
    this.#inside(id, 'nft', ['-f', '-'], `table inet chaos\ndelete table inet chaos\ntable inet chaos {\n${chains}}\n`)
  }

  /** A namespace goes some time after it was deleted; its link to the bridge goes now, so that the next one can have its name. */
  #remove(): void {
    for (const id of this.#links.keys()) {
      works('ip', 'link', 'del', this.#vethOf(id))
      works('ip', 'netns', 'del', this.#nameOf(id))
    }
    works('ip', 'link', 'del', this.#bridge)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#remove()
  }
}

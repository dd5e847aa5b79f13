import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { eventually } from '../client/broker-at.ts'
import { Namespaces, namespacesMissing } from './namespaces.ts'
import { CLIENTS, type Endpoint, type Network } from './network.ts'
import { Proxies } from './proxies.ts'

/** A program at a place in the network, and how often it said what. */
class Talker implements AsyncDisposable {
  readonly #child: ChildProcess
  #said = ''

  constructor(network: Network, at: number, role: 'listen' | 'dial', { host, port }: Endpoint) {
    const launcher = at === CLIENTS ? [] : network.launcherOf(at)
    const [command, ...args] = [...launcher, process.execPath, join(import.meta.dirname, 'talk.ts'), role, host, String(port)]
    this.#child = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    if (at !== CLIENTS) network.started(at, this.#child.pid!)
    this.#child.stdout!.on('data', (chunk) => (this.#said += chunk))
  }

  times(word: string): number {
    return this.#said.split(word).length - 1
  }

  async says(word: string, more = 3): Promise<void> {
    const goal = this.times(word) + more
    await eventually(`"${word}" ${more} times more`, () => this.times(word) >= goal)
  }

  /** Says it no more: nothing for as long as ten would take. */
  async fallsSilent(word: string): Promise<void> {
    let last = -1
    let sinceMs = performance.now()
    await eventually(`no more "${word}"`, () => {
      if (this.times(word) !== last) sinceMs = performance.now()
      last = this.times(word)
      return performance.now() - sinceMs > 200
    })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }
}

const suite = (open: () => Promise<Network>, skip: string | false): void => {
  for (const [who, dialler] of [
    ['another node', 2],
    ['a client', CLIENTS],
  ] as const) {
    test(`what ${who} and a node say to each other is cut off one way, both ways, and comes again`, { skip }, async () => {
      await using network = await open()
      const { listen, advertised } = network.endpointOf(1, 'broker')
      await using node = new Talker(network, 1, 'listen', listen)
      await node.says('listening', 1)
      await using other = new Talker(network, dialler, 'dial', advertised)
      await other.says('answered')
      network.cut(1, dialler)
      await other.fallsSilent('answered')
      network.heal()
      await other.says('answered')
      network.cut(dialler, 1)
      await node.fallsSilent('heard')
      network.cut(1, dialler)
      network.heal()
      await other.says('answered')
    })
  }

  test('a reset ends a connection, and the next one works', { skip }, async () => {
    await using network = await open()
    const { listen, advertised } = network.endpointOf(1, 'broker')
    await using node = new Talker(network, 1, 'listen', listen)
    await node.says('listening', 1)
    await using client = new Talker(network, CLIENTS, 'dial', advertised)
    await client.says('answered')
    network.reset(1)
    await client.says('ECONN', 1)
    await client.says('answered')
  })

  test('a slow link and a lossy one carry what is said all the same', { skip }, async () => {
    await using network = await open()
    const { listen, advertised } = network.endpointOf(1, 'broker')
    await using node = new Talker(network, 1, 'listen', listen)
    await node.says('listening', 1)
    await using client = new Talker(network, CLIENTS, 'dial', advertised)
    network.lose(1, 10)
    await client.says('answered')
    network.heal()
    network.slow(1, 300)
    await client.says('answered')
    network.heal()
    await client.says('answered')
  })
}

describe('namespaces', () => {
  const missing = namespacesMissing()
  suite(async () => new Namespaces([1, 2]), missing ?? false)
})

describe('proxies', () => {
  suite(() => Proxies.open([1, 2]), process.platform === 'linux' ? false : 'who dials is known on Linux alone')

  test('a node that is cut off from another still hears clients', async () => {
    await using network = await Proxies.open([1, 2])
    const { listen, advertised } = network.endpointOf(1, 'broker')
    await using node = new Talker(network, 1, 'listen', listen)
    await node.says('listening', 1)
    network.cut(2, 1)
    network.cut(1, 2)
    await using client = new Talker(network, CLIENTS, 'dial', advertised)
    await client.says('answered')
    assert.ok(node.times('heard') > 0)
  })
})

import type { Address } from '../host/index.ts'
import type { Server } from '../net/index.ts'
import { advertisedListeners } from './advertised-listeners.ts'
import type { BrokerOptions } from './broker-options.ts'
import { ControllerRegistration } from './controller-registration.ts'
import type { DirectoryLocks } from './directory-locks.ts'
import { lostMajority } from './lost-majority.ts'
import { type NodeGround, openGround } from './node-ground.ts'
import type { NodeSettings } from './node-settings.ts'
import type { NodeStatus } from './node-status.ts'
import type { QuorumNode } from './quorum-node.ts'
import type { QuorumWatch } from './quorum-watch.ts'

/** How long requests in progress may take to end when the node stops. */
const DRAIN_MS = 5000

/** A node that is a controller and no broker (process.roles=controller). */
export class ControllerNode {
  readonly node: QuorumNode
  readonly status: NodeStatus | undefined
  readonly settings: NodeSettings
  private readonly server: Server
  private readonly locks: DirectoryLocks
  private readonly registration: ControllerRegistration
  private readonly quorumWatch: QuorumWatch
  private closing: Promise<void> | undefined

  /** Resolves when it takes part in the quorum, which needs the others to come to anything. */
  static async open(options: BrokerOptions): Promise<ControllerNode> {
    await using opened = new AsyncDisposableStack()
    const ground = await openGround(options, opened)
    const controller = new ControllerNode(ground)
    controller.start(ground)
    opened.move()
    return controller
  }

  private constructor({ node, status, server, locks, quorumWatch, options }: NodeGround) {
    this.node = node
    this.status = status
    this.settings = options.settings
    this.server = server
    this.locks = locks
    this.registration = new ControllerRegistration(node.host, node.activeController, node.journal)
    this.quorumWatch = quorumWatch
  }

  private start({ options, frames }: NodeGround): void {
    const { node, server, settings } = this
    frames.onClose = ({ number }) => node.softwares.disconnected(String(number))
    node.loader.subscribe({ onFatal: (error) => options.onFatal?.(error) })
    this.status?.watch({
      ...{ nodeId: node.nodeId, clusterId: node.clusterId, clock: node.host.clock, image: node.image, metrics: node.metrics },
      ...{ raft: node.raft, connections: server.counts },
      listeners: settings.listeners.map(({ name, isController }) => ({ name, isController, ...server.address(name)! })),
      get config() {
        return node.config
      },
      get controllerState() {
        return node.localController?.state
      },
    })
    void this.registration.register(node.nodeId, advertisedListeners(settings.listeners, server, true), node.features)
  }

  get config() {
    return this.node.config
  }

  /** Where a listener is bound. */
  address(listenerName: string): Address | undefined {
    return this.server.address(listenerName)
  }

  close(): Promise<void> {
    this.closing ??= this.closeNow()
    return this.closing
  }

  private async closeNow(): Promise<void> {
    this.quorumWatch.close()
    await using rest = new AsyncDisposableStack()
    rest.defer(() => this.status?.close())
    rest.defer(() => this.locks.release())
    rest.defer(() => this.node.close())
    this.registration.close()
    const leaving = new AbortController()
    try {
      await this.node.handOver(lostMajority(this.node.host, this.node.raft, this.settings, leaving.signal))
    } finally {
      leaving.abort()
    }
    await this.server.close(DRAIN_MS)
  }

  /** Stops at once, as a crash would. For the simulated world. */
  async kill(): Promise<void> {
    this.closing ??= Promise.resolve()
    this.registration.close()
    this.quorumWatch.close()
    await this.server.destroy()
    await this.node.kill()
    await this.locks.release()
    await this.status?.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }
}

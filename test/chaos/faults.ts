import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import type { ChaosCluster } from './chaos-cluster.ts'
import type { ChaosNode } from './chaos-node.ts'
import type { Dice } from './dice.ts'
import { CLIENTS } from './network.ts'

/** One way to make nodes fail, and to make it good again. */
export interface Fault {
  /** A deposed leader or coordinator may go on for a while, and answer from what it knew. */
  readonly leavesZombies: boolean
  /** Strikes a cluster in which all replicas are in sync, and nothing strikes beside it: nodes lose what they have not flushed, or their disk. */
  readonly isAlone: boolean
  /** May strike all nodes at once. */
  readonly mayStrikeAll: boolean
  begin(cluster: ChaosCluster, nodes: readonly ChaosNode[], dice: Dice): Promise<void>
  end(cluster: ChaosCluster, nodes: readonly ChaosNode[]): Promise<void>
}

const each = (nodes: readonly ChaosNode[], act: (node: ChaosNode) => unknown): Promise<unknown> =>
  Promise.all(nodes.map(async (node) => act(node)))

const othersOf = (cluster: ChaosCluster, node: ChaosNode): number[] => cluster.nodes.map(({ id }) => id).filter((id) => id !== node.id)

const mend = async (cluster: ChaosCluster): Promise<void> => cluster.network.heal()
const restart = async (_cluster: ChaosCluster, nodes: readonly ChaosNode[]): Promise<void> =>
  void (await each(nodes, async (node) => {
    await node.kill()
    node.options.volume.empty()
    node.mayEnd = false
    node.start()
  }))

const lasting = { leavesZombies: true, isAlone: false, mayStrikeAll: false }
const brief = { leavesZombies: false, isAlone: false, mayStrikeAll: true }

/** strace attached to a node, injecting errors until it is ended. */
const tracers = new Map<number, ChildProcess>()

export const faults = {
  /** kill -9. */
  kill: {
    ...brief,
    begin: async (_cluster, nodes) => void (await each(nodes, (node) => node.kill())),
    end: restart,
  },
  /** A clean stop. */
  stop: {
    ...brief,
    isAlone: true,
    mayStrikeAll: false,
    begin: async (cluster, nodes) =>
      void (await each(nodes, async (node) => {
        const how = await node.stop()
        // Java answers SIGTERM with 143.
        if (how !== '0' && how !== '143') cluster.ended.push(`node ${node.id} (${node.options.kind}) did not stop cleanly: ${how}`)
      })),
    end: restart,
  },
  pause: {
    ...lasting,
    mayStrikeAll: true,
    begin: async (_cluster, nodes) => void (await each(nodes, (node) => node.pause())),
    end: async (_cluster, nodes) => void (await each(nodes, (node) => node.resume())),
  },
  /** Cut off from everybody. */
  isolate: {
    ...lasting,
    begin: async (cluster, nodes) =>
      void (await each(nodes, (node) => {
        for (const other of [CLIENTS, ...othersOf(cluster, node)]) {
          cluster.network.cut(node.id, other)
          cluster.network.cut(other, node.id)
        }
      })),
    end: mend,
  },
  /** Cut off from the other nodes; clients reach it, and it does not know that others have taken over. */
  partition: {
    ...lasting,
    begin: async (cluster, nodes) =>
      void (await each(nodes, (node) => {
        for (const other of othersOf(cluster, node)) {
          cluster.network.cut(node.id, other)
          cluster.network.cut(other, node.id)
        }
      })),
    end: mend,
  },
  /** What the others send does not reach it. */
  deaf: {
    ...lasting,
    begin: async (cluster, nodes) =>
      void (await each(nodes, (node) => {
        for (const other of othersOf(cluster, node)) cluster.network.cut(other, node.id)
      })),
    end: mend,
  },
  /** What it sends does not reach the others. */
  mute: {
    ...lasting,
    begin: async (cluster, nodes) =>
      void (await each(nodes, (node) => {
        for (const other of othersOf(cluster, node)) cluster.network.cut(node.id, other)
      })),
    end: mend,
  },
  /** Two nodes do not reach each other, and both reach the third. */
  bridge: {
    ...lasting,
    begin: async (cluster, nodes, dice) =>
      void (await each(nodes, (node) => {
        const other = dice.pick(othersOf(cluster, node))
        cluster.network.cut(node.id, other)
        cluster.network.cut(other, node.id)
      })),
    end: mend,
  },
  loss: {
    ...lasting,
    mayStrikeAll: true,
    begin: async (cluster, nodes, dice) => void (await each(nodes, ({ id }) => cluster.network.lose(id, 5 + dice.below(25)))),
    end: mend,
  },
  slow: {
    ...lasting,
    mayStrikeAll: true,
    begin: async (cluster, nodes, dice) => void (await each(nodes, ({ id }) => cluster.network.slow(id, 300 + dice.below(700)))),
    end: mend,
  },
  reset: {
    ...brief,
    begin: async (cluster, nodes) => void (await each(nodes, ({ id }) => cluster.network.reset(id))),
    end: async (cluster, nodes) => void (await each(nodes, ({ id }) => cluster.network.reset(id))),
  },
  'disk-full': {
    ...lasting,
    isAlone: true,
    begin: async (_cluster, nodes) =>
      void (await each(nodes, (node) => {
        node.mayEnd = true
        node.options.volume.fill()
      })),
    end: restart,
  },
  /** fsync and fdatasync fail. */
  'io-error': {
    ...lasting,
    isAlone: true,
    begin: async (_cluster, nodes) =>
      void (await each(nodes, async (node) => {
        node.mayEnd = true
        const inject = ['-f', '-qq', '-e', 'trace=fsync,fdatasync', '-e', 'inject=fsync,fdatasync:error=EIO', '-o', '/dev/null']
        tracers.set(node.id, spawn('strace', [...inject, '-p', String(node.pid)], { stdio: 'ignore' }))
      })),
    end: async (cluster, nodes) => {
      for (const node of nodes) {
        const tracer = tracers.get(node.id)
        tracers.delete(node.id)
        await node.kill()
        if (tracer === undefined || tracer.exitCode !== null || tracer.signalCode !== null) continue
        const exited = once(tracer, 'exit')
        tracer.kill()
        await exited
      }
      await restart(cluster, nodes)
    },
  },
  /** What was not flushed is gone. */
  'power-loss': {
    ...brief,
    isAlone: true,
    mayStrikeAll: false,
    begin: async (_cluster, nodes) =>
      void (await each(nodes, async (node) => {
        node.mayEnd = true
        node.options.volume.losePower()
        await node.kill()
      })),
    end: async (cluster, nodes) => {
      for (const { options } of nodes) options.volume.recover()
      await restart(cluster, nodes)
    },
  },
} satisfies Record<string, Fault>

export type FaultKind = keyof typeof faults
export const faultKinds = Object.keys(faults) as FaultKind[]

/** Faults that this machine or this cluster cannot have, with why. */
export const missingFaults = (cluster: ChaosCluster): Map<FaultKind, string> => {
  const missing = new Map<FaultKind, string>()
  if (cluster.loopMissing !== undefined) for (const kind of ['disk-full', 'power-loss'] as const) missing.set(kind, cluster.loopMissing)
  if (spawnSync('strace', ['-V'], { stdio: 'ignore' }).status !== 0) missing.set('io-error', 'strace is not installed')
  return missing
}

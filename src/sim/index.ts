/**
 * sim: the other host. A `World` of hosts in one thread on a virtual clock, with memory disks and an in-process network;
 * one seed decides everything. Imports anything, imported only by tests.
 *
 * Invariant: the same seed and the same code give the same trace.
 */
export type { SimDisk, Storage } from './disk.ts'
export { SeededRandom } from './random.ts'
export type { PageFate, Survives } from './storage.ts'
export { type DiskCall, type Faults, type MessageFate, type SimHost, type StepObserver, World, type WorldOptions } from './world.ts'

import { type SimHost, World, type WorldOptions } from './world.ts'

/** A world with one host in it. */
export function simHost(options: WorldOptions = {}): { readonly world: World; readonly host: SimHost } {
  const world = new World(options)
  return { world, host: world.host('localhost') }
}

/**
 * base: the ground under every room; nothing of Kafka in it.
 * Others import only this front door.
 */
export { assert, unreachable } from './assert.ts'
export type { ByteSource } from './byte-source.ts'

import fs from 'node:fs'
import { Gate } from '../../base/index.ts'

type Done<T> = (error: NodeJS.ErrnoException | null, value: T) => void

/** The system calls a file needs, callback forms of node:fs as promises; a parameter so that tests can return short counts and faults. */
export interface FileCalls {
  write(fd: number, bytes: Uint8Array, position: number): Promise<number>
  writev(fd: number, parts: readonly Uint8Array[], position: number): Promise<number>
  writeNow(fd: number, bytes: Uint8Array, position: number): number
  writevNow(fd: number, parts: readonly Uint8Array[], position: number): number
  read(fd: number, into: Uint8Array, at: number, count: number, position: number): Promise<number>
  readNow(fd: number, into: Uint8Array, at: number, count: number, position: number): number
  sync(fd: number): Promise<void>
  truncate(fd: number, bytes: number): Promise<void>
  size(fd: number): Promise<number>
  close(fd: number): Promise<void>
}

/** A promise around one callback call: node:fs/promises costs twice as much per call. */
export function called<T>(start: (done: Done<T>) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    start((error, value) => {
      if (error) reject(error)
      else resolve(value)
    })
  })
}

/**
 * A sync holds its thread for as long as the disk takes, seconds at times: they never get all threads of the pool (the launcher asks for
 * 16), so that writes go on meanwhile. Measured while four segments of 256 MiB rolled: the slowest acknowledgement 0.7 s without, 0.35 s with.
 */
const syncs = new Gate(8)

export const fileCalls: FileCalls = {
  write: (fd, bytes, position) => called((done) => fs.write(fd, bytes, 0, bytes.length, position, done)),
  writev: (fd, parts, position) => called((done) => fs.writev(fd, parts as Uint8Array[], position, done)),
  writeNow: (fd, bytes, position) => fs.writeSync(fd, bytes, 0, bytes.length, position),
  writevNow: (fd, parts, position) => fs.writevSync(fd, parts as Uint8Array[], position),
  read: (fd, into, at, count, position) => called((done) => fs.read(fd, into, at, count, position, done)),
  readNow: (fd, into, at, count, position) => fs.readSync(fd, into, at, count, position),
  sync: (fd) => syncs.pass(() => called((done) => fs.fdatasync(fd, done as fs.NoParamCallback))),
  truncate: (fd, bytes) => called((done) => fs.ftruncate(fd, bytes, done as fs.NoParamCallback)),
  size: (fd) => called<fs.Stats>((done) => fs.fstat(fd, done)).then((stats) => stats.size),
  close: (fd) => called((done) => fs.close(fd, done as fs.NoParamCallback)),
}

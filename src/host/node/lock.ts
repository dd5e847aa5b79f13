import fs from 'node:fs'
import { createRequire } from 'node:module'
import { DiskError, type FileLock } from '../disk.ts'
import { called, fileCalls } from './calls.ts'
import { asDisk } from './disk-errors.ts'

const require = createRequire(import.meta.url)

interface LockCalls {
  tryLock(fd: number): boolean
}

/**
 * An exclusive record lock over the whole file: F_OFD_SETLK, which meets the fcntl locks of Java's FileChannel.tryLock in both
 * directions and, unlike them, also holds against this very process and outlives the closing of other descriptors of the file.
 */
export function lockFile(path: string): Promise<FileLock> {
  return asDisk('lock', path, async () => {
    // Loaded when needed: tools that lock nothing do not pay for a native addon.
    const calls = require('fs-native-extensions') as LockCalls
    const fd = await called<number>((done) => fs.open(path, fs.constants.O_RDWR | fs.constants.O_CREAT, 0o644, done))
    let held = false
    try {
      held = calls.tryLock(fd)
    } finally {
      if (!held) await fileCalls.close(fd)
    }
    if (!held) throw new DiskError('ELOCKED', 'lock', path)
    return new NodeFileLock(fd)
  })
}

class NodeFileLock implements FileLock {
  #fd: number
  #released: Promise<void> | undefined
  constructor(fd: number) {
    this.#fd = fd
  }

  release(): Promise<void> {
    this.#released ??= fileCalls.close(this.#fd)
    return this.#released
  }
}

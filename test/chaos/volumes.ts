import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'

/** Where a node keeps its directories. */
export interface Volume {
  readonly path: string
  /** Nothing more fits on it, until `empty`. */
  fill(): void
  empty(): void
  /** What was not flushed is gone, and nothing can be written or read until `recover`. Whoever uses it must be killed. */
  losePower(): void
  recover(): void
  /** Everything on it to a folder. */
  copyTo(folder: string): void
  close(): void
}

const IMAGE_MIB = 3072

/** Why there can be no volumes that fill up and lose power; undefined: there can. */
export const loopMissing = (): string | undefined => {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'file systems in images need root on Linux'
  for (const command of ['mkfs.ext4', 'losetup', 'fallocate', 'perl'])
    if (spawnSync('which', [command], { stdio: 'ignore' }).status !== 0) return `${command} is not installed`
  return spawnSync('losetup', ['-f'], { stdio: 'ignore' }).status === 0 ? undefined : 'there is no free loop device'
}

const run = (command: string, ...args: string[]): void => void execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'] })

/** EXT4_IOC_SHUTDOWN with EXT4_GOING_FLAGS_NOLOGFLUSH: not even the file system's journal is written. */
const SHUTDOWN = 'use Fcntl; sysopen(my $f, $ARGV[0], O_RDONLY) or die "$!"; my $v = pack("L", 2); ioctl($f, 0x8004587D, $v) or die "$!"'

/**
 * Ends once no loop device holds the image. A process that just took a mount namespace of its own (`ip netns exec` does)
 * has the file system mounted too: mounted again before it lets go, it would be the one without power.
 */
const UNTIL_DETACHED = 'while losetup -j "$0" | grep -q .; do sleep 0.01; done'

/** An ext4 of its own in a sparse file. */
export class LoopVolume implements Volume {
  readonly path: string
  readonly #image: string

  constructor(folder: string, name: string) {
    this.path = join(folder, name)
    this.#image = join(folder, `${name}.img`)
    mkdirSync(this.path, { recursive: true })
    run('truncate', '-s', `${IMAGE_MIB}M`, this.#image)
    run('mkfs.ext4', '-q', '-F', '-m', '0', this.#image)
    this.#mount()
  }

  #mount(): void {
    run('mount', '-o', 'loop', this.#image, this.path)
  }

  fill(): void {
    // As much as there is, though fallocate itself finds it too little.
    spawnSync('fallocate', ['-l', `${IMAGE_MIB}M`, join(this.path, 'filler')], { stdio: 'ignore' })
    spawnSync('dd', ['if=/dev/zero', `of=${join(this.path, 'filler-end')}`, 'bs=64k'], { stdio: 'ignore' })
  }

  empty(): void {
    rmSync(join(this.path, 'filler'), { force: true })
    rmSync(join(this.path, 'filler-end'), { force: true })
  }

  losePower(): void {
    run('perl', '-e', SHUTDOWN, this.path)
  }

  recover(): void {
    run('umount', this.path)
    run('timeout', '10', 'sh', '-c', UNTIL_DETACHED, this.#image)
    this.#mount()
  }

  copyTo(folder: string): void {
    cpSync(this.path, folder, { recursive: true })
  }

  close(): void {
    spawnSync('umount', [this.path], { stdio: 'ignore' })
    rmSync(this.#image, { force: true })
  }
}

/** A plain folder, which neither fills up nor loses power. */
export class FolderVolume implements Volume {
  readonly path: string

  constructor(folder: string, name: string) {
    this.path = join(folder, name)
    mkdirSync(this.path, { recursive: true })
  }

  fill(): void {
    throw new Error('a plain folder does not fill up')
  }

  empty(): void {}

  losePower(): void {
    throw new Error('a plain folder does not lose power')
  }

  recover(): void {}

  copyTo(folder: string): void {
    cpSync(this.path, folder, { recursive: true })
  }

  close(): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}

import { dirname } from 'node:path'
import type { Disk } from '../../host/index.ts'
import type { ReadMachine } from './machine-file.ts'
import { judged, type TuningCheck } from './tuning-check.ts'

const FULL_PERCENT = 85

interface Mount {
  readonly device: string
  readonly at: string
  readonly type: string
  readonly options: readonly string[]
}

/** What a data directory lies on. One that is not there yet is looked at where it would be made. */
export async function directoryChecks(read: ReadMachine, disk: Pick<Disk, 'space' | 'stat'>, directory: string): Promise<TuningCheck[]> {
  const mount = mountOf(mountsIn((await read('/proc/self/mounts')) ?? ''), directory)
  const used = await usedPercent(disk, directory)
  const of = (what: string): string => `${what} of ${directory}`
  return [
    judged(
      of('filesystem'),
      mount,
      ({ type, device }) => `${type} on ${device}`,
      ({ type }) => filesystemState(type),
      {
        wanted: 'xfs or ext4, on a disk of its own',
        why: 'Network file systems lose what was acknowledged and stall; layers of containers are slow and go with the container; memory is gone with the machine.',
        how: 'put log.dirs on a volume with xfs, and mount it into the container',
      },
    ),
    judged(
      of('atime'),
      mount,
      ({ options }) => options.find((each) => each.endsWith('atime')) ?? 'strictatime',
      ({ options }) => atimeState(options),
      {
        wanted: 'noatime (or relatime)',
        why: 'With each read of a segment the time of it would be written.',
        how: `noatime among the options in /etc/fstab, then mount -o remount,noatime ${mount?.at ?? ''}`.trim(),
      },
    ),
    judged(
      of('disk-space'),
      used,
      (value) => `${value} % used`,
      (value) => (value < FULL_PERCENT ? 'ok' : 'wrong'),
      {
        wanted: `less than ${FULL_PERCENT} % used`,
        why: 'A broker whose disk is full takes its log directory offline.',
        how: 'shorten retention, move replicas away (tkafka reassign plan --balance size), or add room',
      },
    ),
  ]
}

const filesystemState = (type: string): TuningCheck['state'] => {
  if (/^(xfs|ext4)$/.test(type)) return 'ok'
  return /^(nfs|nfs4|cifs|smb3?|tmpfs|ramfs|fuse\.sshfs|9p|glusterfs|ceph)$/.test(type) ? 'wrong' : 'warning'
}

const atimeState = (options: readonly string[]): TuningCheck['state'] =>
  options.includes('noatime') || options.includes('relatime') || options.includes('ro') ? 'ok' : 'warning'

/** Signs that would part the fields are written as \040 and the like. */
const plain = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, code: string) => String.fromCharCode(Number.parseInt(code, 8)))

function mountsIn(text: string): Mount[] {
  return text.split('\n').flatMap((line): Mount[] => {
    const [device, at, type, options] = line.split(' ')
    return options === undefined ? [] : [{ device: plain(device!), at: plain(at!), type: type!, options: options.split(',') }]
  })
}

/** The last one that is mounted over the longest part of the path counts. */
function mountOf(mounts: readonly Mount[], path: string): Mount | undefined {
  const over = mounts.filter(({ at }) => at === '/' || path === at || path.startsWith(`${at}/`))
  return over.reduce<Mount | undefined>((best, each) => (best === undefined || each.at.length >= best.at.length ? each : best), undefined)
}

async function usedPercent(disk: Pick<Disk, 'space'>, directory: string): Promise<number | undefined> {
  for (let path = directory; ; path = dirname(path)) {
    const space = await disk.space(path).catch(() => undefined)
    if (space !== undefined) return space.totalBytes === 0 ? undefined : Math.round((1 - space.usableBytes / space.totalBytes) * 100)
    if (dirname(path) === path) return undefined
  }
}

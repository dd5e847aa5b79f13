import type { ReadMachine } from './machine-file.ts'
import { judged, sysctlLine, type TuningCheck } from './tuning-check.ts'

const FILES_MIN = 100_000
const MAPS_MIN = 262_144
const SOCKET_BYTES_WANTED = 2 * 1024 * 1024
/** socket.send.buffer.bytes and socket.receive.buffer.bytes of brokers, unless somebody sets them. */
const SOCKET_BYTES_DEFAULT = 100 * 1024
const BACKLOG_MIN = 1024
const MEMORY_MIN = 1024 ** 3

/** What the kernel is set to. `process`: whose limits count, as /proc names it. */
export async function kernelChecks(read: ReadMachine, process: string): Promise<TuningCheck[]> {
  const number = async (path: string): Promise<number | undefined> => {
    const text = (await read(path))?.trim()
    return text === undefined || !/^-?\d+$/.test(text) ? undefined : Number(text)
  }
  const sysctl = (key: string): Promise<number | undefined> => number(`/proc/sys/${key.replaceAll('.', '/')}`)
  const count = (value: number): string => (value === Number.POSITIVE_INFINITY ? 'unlimited' : String(value))
  const least =
    (min: number, otherwise: TuningCheck['state'] = 'wrong') =>
    (value: number) =>
      value >= min ? ('ok' as const) : otherwise
  const [files, swappiness, maps, hugePages, background, reclaim, receive, send, backlog, clock, governor] = await Promise.all([
    openFiles(read, process),
    sysctl('vm.swappiness'),
    sysctl('vm.max_map_count'),
    read('/sys/kernel/mm/transparent_hugepage/enabled'),
    sysctl('vm.dirty_background_ratio'),
    sysctl('vm.zone_reclaim_mode'),
    sysctl('net.core.rmem_max'),
    sysctl('net.core.wmem_max'),
    sysctl('net.core.somaxconn'),
    read('/sys/devices/system/clocksource/clocksource0/current_clocksource'),
    read('/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor'),
  ])
  const socket = (check: string, value: number | undefined): TuningCheck =>
    judged(check, value, count, (bytes) => (bytes < SOCKET_BYTES_DEFAULT ? 'wrong' : bytes < SOCKET_BYTES_WANTED ? 'warning' : 'ok'), {
      wanted: `${SOCKET_BYTES_WANTED} or more`,
      why: 'It bounds what a connection has on its way: replication over a long line is as fast as this divided by the round trip.',
      how: sysctlLine(check, SOCKET_BYTES_WANTED),
    })
  return [
    judged('open-files', files, count, least(FILES_MIN), {
      wanted: `${FILES_MIN} or more`,
      why: 'A broker keeps several files open for each segment, and one for each connection. Out of them it takes a log directory offline.',
      how: 'LimitNOFILE=1000000 in the systemd unit, or ulimit -n 1000000 before the broker is started',
    }),
    judged('vm.swappiness', swappiness, count, (value) => (value <= 10 ? 'ok' : 'warning'), {
      wanted: '1 (up to 10)',
      why: 'A broker whose memory lies on a disk misses heartbeats; the page cache is better given up first.',
      how: sysctlLine('vm.swappiness', 1),
    }),
    judged('vm.max_map_count', maps, count, least(MAPS_MIN, 'warning'), {
      wanted: `${MAPS_MIN} or more`,
      why: 'Apache Kafka maps two files for each segment, and dies when there are no more maps. tkafka maps none.',
      how: sysctlLine('vm.max_map_count', MAPS_MIN),
    }),
    judged('transparent-huge-pages', bracketed(hugePages), String, (value) => (value === 'always' ? 'warning' : 'ok'), {
      wanted: 'madvise or never',
      why: 'Pages that the kernel joins in the background stall whoever allocates meanwhile.',
      how: 'echo madvise > /sys/kernel/mm/transparent_hugepage/enabled, and transparent_hugepage=madvise on the command line of the kernel',
    }),
    judged('vm.dirty_background_ratio', background, count, (value) => (value <= 10 ? 'ok' : 'warning'), {
      wanted: '10 or less',
      why: 'What is written late is written at once, and readers wait for it.',
      how: sysctlLine('vm.dirty_background_ratio', 5),
    }),
    judged('vm.zone_reclaim_mode', reclaim, count, (value) => (value === 0 ? 'ok' : 'warning'), {
      wanted: '0',
      why: 'The page cache is dropped on one memory node while another is free.',
      how: sysctlLine('vm.zone_reclaim_mode', 0),
    }),
    socket('net.core.rmem_max', receive),
    socket('net.core.wmem_max', send),
    judged('net.core.somaxconn', backlog, count, least(BACKLOG_MIN, 'warning'), {
      wanted: `${BACKLOG_MIN} or more`,
      why: 'After a restart all clients connect at once; those beyond the queue wait for a retry.',
      how: sysctlLine('net.core.somaxconn', 4096),
    }),
    judged(
      'clock-source',
      clock?.trim() || undefined,
      String,
      (value) => (/^(hpet|acpi_pm|jiffies|refined-jiffies)$/.test(value) ? 'warning' : 'ok'),
      {
        wanted: 'tsc, or the clock of the hypervisor',
        why: 'A broker looks at the clock with every request; these ask a device.',
        how: 'echo tsc > /sys/devices/system/clocksource/clocksource0/current_clocksource, when available_clocksource there has it',
      },
    ),
    judged('cpu-governor', governor?.trim() || undefined, String, (value) => (value === 'performance' ? 'ok' : 'warning'), {
      wanted: 'performance',
      why: 'A processor that slows down between requests answers each of them late.',
      how: 'cpupower frequency-set -g performance',
    }),
    ...(await boundChecks(read, process, number)),
  ]
}

/** The soft limit of a process. */
async function openFiles(read: ReadMachine, process: string): Promise<number | undefined> {
  const limit = /^Max open files\s+(\d+|unlimited)/m.exec((await read(`/proc/${process}/limits`)) ?? '')?.[1]
  return limit === undefined ? undefined : limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
}

/** `always [madvise] never` */
const bracketed = (text: string | undefined): string | undefined => /\[(\w+)\]/.exec(text ?? '')?.[1]

/** What a container or a service may take of the machine. */
async function boundChecks(
  read: ReadMachine,
  process: string,
  number: (path: string) => Promise<number | undefined>,
): Promise<TuningCheck[]> {
  const groups = (await read(`/proc/${process}/cgroup`)) ?? ''
  const group = /^0::(\/.*)$/m.exec(groups)?.[1]?.replace(/\/$/, '') ?? ''
  const ofGroup = async (name: string): Promise<string | undefined> =>
    ((await read(`/sys/fs/cgroup${group}/${name}`)) ?? (await read(`/sys/fs/cgroup/${name}`)))?.trim()
  const total = Number(/^MemTotal:\s+(\d+) kB/m.exec((await read('/proc/meminfo')) ?? '')?.[1] ?? Number.NaN) * 1024
  const old = await number('/sys/fs/cgroup/memory/memory.limit_in_bytes')
  const bound = await ofGroup('memory.max')
  const limit = bound === undefined ? old : bound === 'max' ? undefined : Number(bound)
  const bytes = Math.min(limit ?? Number.POSITIVE_INFINITY, Number.isNaN(total) ? Number.POSITIVE_INFINITY : total)
  const [quota, period] = (await ofGroup('cpu.max'))?.split(' ').map(Number) ?? []
  const cores = quota !== undefined && period !== undefined && quota > 0 ? quota / period : undefined
  return [
    judged(
      'memory',
      Number.isFinite(bytes) ? bytes : undefined,
      (value) => `${Math.floor(value / 2 ** 20)} MiB`,
      (value) => (value >= MEMORY_MIN ? 'ok' : 'warning'),
      {
        wanted: `${MEMORY_MIN / 2 ** 20} MiB or more`,
        why: 'What the broker does not take itself is page cache, from which consumers read; in a container the cache counts against its limit.',
        how: 'raise the memory limit of the container or service (MemoryMax=, resources.limits.memory)',
      },
    ),
    judged(
      'cpu-limit',
      cores ?? Number.POSITIVE_INFINITY,
      (value) => (value === Number.POSITIVE_INFINITY ? 'none' : `${value} cores`),
      (value) => (value >= 1 ? 'ok' : 'warning'),
      {
        wanted: 'none, or a core and more',
        why: 'A broker that is stopped for the rest of each period misses heartbeats.',
        how: 'raise the CPU limit of the container or service (CPUQuota=, resources.limits.cpu), or leave it out',
      },
    ),
  ]
}

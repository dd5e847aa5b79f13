import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { directoryChecks, kernelChecks, type TuningCheck } from '../../src/ops/tuning/index.ts'
import { run } from '../cli/run-command.ts'

const machine: Readonly<Record<string, string>> = {
  '/proc/self/limits': 'Limit  Soft Limit  Hard Limit  Units\nMax open files            1000000              1000000              files\n',
  '/proc/7/limits': 'Max open files            1024              1000000              files\n',
  '/proc/sys/vm/swappiness': '1\n',
  '/proc/sys/vm/max_map_count': '262144\n',
  '/sys/kernel/mm/transparent_hugepage/enabled': 'always [madvise] never\n',
  '/proc/sys/vm/dirty_background_ratio': '5\n',
  '/proc/sys/vm/zone_reclaim_mode': '0\n',
  '/proc/sys/net/core/rmem_max': '2097152\n',
  '/proc/sys/net/core/wmem_max': '2097152\n',
  '/proc/sys/net/core/somaxconn': '4096\n',
  '/sys/devices/system/clocksource/clocksource0/current_clocksource': 'tsc\n',
  '/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor': 'performance\n',
  '/proc/self/cgroup': '0::/system.slice/kafka.service\n',
  '/proc/meminfo': 'MemTotal:       16777216 kB\n',
  '/sys/fs/cgroup/system.slice/kafka.service/memory.max': 'max\n',
  '/sys/fs/cgroup/system.slice/kafka.service/cpu.max': 'max 100000\n',
  '/proc/self/mounts':
    '/dev/root / ext4 rw,relatime 0 0\n/dev/sdb /var/lib/tka\\040fka xfs rw,noatime 0 0\nserver:/x /mnt nfs4 rw,relatime 0 0\n/dev/sdc /slow ext4 rw 0 0\ntmpfs /slow/ram tmpfs rw,relatime 0 0\n',
}
const read =
  (changes: Readonly<Record<string, string | undefined>> = {}) =>
  async (path: string): Promise<string | undefined> =>
    path in changes ? changes[path] : machine[path]
const kernel = async (changes: Readonly<Record<string, string | undefined>>, process = 'self'): Promise<string[]> =>
  (await kernelChecks(read(changes), process))
    .filter(({ state }) => state !== 'ok')
    .map(({ check, state, value }) => `${check} ${state} ${value}`)
const disk = (usedPercent: number, missing = '') => ({
  stat: async () => undefined,
  space: (path: string) =>
    path === missing ? Promise.reject(new Error('not there')) : Promise.resolve({ totalBytes: 100, usableBytes: 100 - usedPercent }),
})
const directory = async (path: string, used = 10): Promise<string[]> =>
  (await directoryChecks(read(), disk(used, '/var/lib/tka fka/data'), path)).map(
    ({ check, state, value }) => `${check.split(' ')[0]} ${state} ${value}`,
  )

describe('a machine', () => {
  it('that is set up well has nothing to be set', async () => {
    const checks = await kernelChecks(read(), 'self')
    assert.deepEqual(
      checks.filter(({ state, how }) => state !== 'ok' || how !== null),
      [],
    )
  })

  for (const [path, text, said] of [
    ['/proc/sys/vm/swappiness', '60', 'vm.swappiness warning 60'],
    ['/proc/sys/vm/max_map_count', '65530', 'vm.max_map_count warning 65530'],
    ['/sys/kernel/mm/transparent_hugepage/enabled', '[always] madvise never', 'transparent-huge-pages warning always'],
    ['/proc/sys/net/core/rmem_max', '212992', 'net.core.rmem_max warning 212992'],
    ['/proc/sys/net/core/wmem_max', '4096', 'net.core.wmem_max wrong 4096'],
    ['/proc/sys/net/core/somaxconn', '128', 'net.core.somaxconn warning 128'],
    ['/sys/devices/system/clocksource/clocksource0/current_clocksource', 'hpet', 'clock-source warning hpet'],
    ['/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', 'powersave', 'cpu-governor warning powersave'],
    ['/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor', undefined, 'cpu-governor unknown null'],
    ['/sys/fs/cgroup/system.slice/kafka.service/memory.max', '268435456', 'memory warning 256 MiB'],
    ['/sys/fs/cgroup/system.slice/kafka.service/cpu.max', '50000 100000', 'cpu-limit warning 0.5 cores'],
    ['/proc/self/limits', 'Max open files            1024   4096  files', 'open-files wrong 1024'],
  ] as const) {
    it(`is told of ${said}`, async () => assert.deepEqual(await kernel({ [path]: text }), [said]))
  }

  it('is judged by the limits of the broker that runs', async () => {
    assert.deepEqual(await kernel({}, '7'), ['open-files wrong 1024'])
  })
})

describe('a data directory', () => {
  it('lies on what is mounted over the longest part of its path', async () => {
    assert.deepEqual(await directory('/var/lib/tka fka/data'), [
      'filesystem ok xfs on /dev/sdb',
      'atime ok noatime',
      'disk-space ok 10 % used',
    ])
    assert.deepEqual(await directory('/srv/kafka'), ['filesystem ok ext4 on /dev/root', 'atime ok relatime', 'disk-space ok 10 % used'])
    assert.deepEqual(await directory('/mnt/kafka'), ['filesystem wrong nfs4 on server:/x', 'atime ok relatime', 'disk-space ok 10 % used'])
    assert.deepEqual(await directory('/slow/a'), ['filesystem ok ext4 on /dev/sdc', 'atime warning strictatime', 'disk-space ok 10 % used'])
    assert.deepEqual((await directory('/slow/ram/a'))[0], 'filesystem wrong tmpfs on tmpfs')
    assert.deepEqual((await directory('/slowly', 90))[2], 'disk-space wrong 90 % used')
  })
})

describe('tkafka tune check', { skip: process.platform !== 'linux' && 'only of Linux is there something to check' }, () => {
  it('tells what this machine has, what is wanted, why, and how it is set', async () => {
    const { code, stdout, stderr } = await run(['tune', 'check', '-d', '/tmp', '--json'])
    const items: TuningCheck[] = JSON.parse(stdout).items
    assert.equal(code, items.some(({ state }) => state === 'wrong') ? 3 : 0, stderr)
    const of = (name: string): TuningCheck => items.find(({ check }) => check === name)!
    assert.match(of('open-files').value!, /^(\d+|unlimited)$/)
    assert.match(of('vm.swappiness').value!, /^\d+$/)
    assert.match(of('filesystem of /tmp').value!, /^\S+ on \S+$/)
    for (const { state, how, why } of items) assert.ok(why !== '' && (how === null) === (state === 'ok' || state === 'unknown'))
    const text = await run(['tune', 'check', '-d', '/tmp'])
    assert.match(text.stdout, /^CHECK +STATE +VALUE +WANTED\n/)
  })
})

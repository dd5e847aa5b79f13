/** Whether a machine is set up as brokers need it. Everything is read, nothing is set. */
import type { Host } from '../../host/index.ts'
import { directoryChecks } from './directory-checks.ts'
import { kernelChecks } from './kernel-checks.ts'
import { machineFile } from './machine-file.ts'
import { judged, type TuningCheck } from './tuning-check.ts'

export { machineFile, type ReadMachine } from './machine-file.ts'
export type { TuningCheck } from './tuning-check.ts'
export { directoryChecks, kernelChecks }

/** The oldest version of Node that runs tkafka well. */
const NODE_MIN = 24

export interface Machine {
  readonly host: Pick<Host, 'disk'>
  readonly platform: string
  readonly nodeVersion: string
  /** Of the broker, whose limits count; undefined: none runs, and ours are as good as any. */
  readonly pid: number | undefined
  /** Absolute. */
  readonly directories: readonly string[]
}

export async function tuningChecks({ host, platform, nodeVersion, pid, directories }: Machine): Promise<TuningCheck[]> {
  const runtime = judged(
    'node',
    nodeVersion,
    String,
    (version) => (Number.parseInt(version.replace(/^v/, ''), 10) >= NODE_MIN ? 'ok' : 'wrong'),
    {
      wanted: `${NODE_MIN} or later`,
      why: 'Older ones lack what the broker is built on.',
      how: 'start it as tkafka, which brings the Node that it is made for',
    },
  )
  if (platform !== 'linux') return [runtime]
  const read = (path: string): Promise<string | undefined> => machineFile(host.disk, path)
  const [kernel, ...ofDirectories] = await Promise.all([
    kernelChecks(read, String(pid ?? 'self')),
    ...directories.map((directory) => directoryChecks(read, host.disk, directory)),
  ])
  return [...kernel, ...ofDirectories.flat(), runtime]
}

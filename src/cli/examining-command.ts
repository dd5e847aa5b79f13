import type { Admin } from '../client/index.ts'
import { type Finding, loadDoctor } from '../ops/index.ts'
import { ClusterCommand, type ClusterFlags } from './cluster-command.ts'
import { usageFault } from './fault.ts'

/** One question may not take the time of all the others. */
const LOOK_MS_MAX = 5000

export interface ExaminationLimits {
  readonly lagMsMax: number
  readonly skewMsMax: number
  readonly diskShareMax: number
}

/** A command that looks at a cluster as its doctor. */
export abstract class ExaminingCommand extends ClusterCommand {
  protected async examined(flags: ClusterFlags, limits: ExaminationLimits): Promise<Finding[]> {
    const timeoutMs = Math.min(this.timeoutMs(flags), LOOK_MS_MAX)
    const { values } = await this.settings(flags)
    if ((values['bootstrap.servers'] ?? '') === '')
      throw usageFault('which brokers?', 'Name them with -b: controllers alone know too little.')
    const { openAdmin, parseAddress } = await import('../client/admin/index.ts')
    const host = await this.shell.host()
    const bounds = {
      'request.timeout.ms': String(timeoutMs),
      'default.api.timeout.ms': String(timeoutMs),
      'socket.connection.setup.timeout.ms': String(timeoutMs),
    }
    const openAt = ({ host: name, port }: { host: string; port: number }): Admin => {
      const server = `${name.includes(':') ? `[${name}]` : name}:${port}`
      return this.scope.use(openAdmin(host, { ...values, ...bounds, 'bootstrap.servers': server }, { connectAttempts: 1 }))
    }
    const { examine } = await loadDoctor()
    return examine({
      host,
      servers: values['bootstrap.servers']!.split(',').map((text) => parseAddress(text)),
      securityProtocol: values['security.protocol'] ?? 'PLAINTEXT',
      timeoutMs,
      openAt,
      ...limits,
    })
  }
}

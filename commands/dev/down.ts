import {
  BaseCommand,
  confirmFlags,
  counted,
  devFlags,
  existingDevCluster,
  Flags,
  parseDurationMs,
  processOf,
  stopBroker,
} from '../../src/cli/index.ts'

export default class DevDown extends BaseCommand {
  static override summary = 'stop a cluster on this machine cleanly'
  static override examples = [
    '<%= config.bin %> dev down',
    { description: 'With all that it holds:', command: '<%= config.bin %> dev down --delete' },
  ]
  static override flags = {
    ...devFlags,
    ...confirmFlags,
    timeout: Flags.string({ summary: 'how long to wait', default: '60s', helpValue: 'TIME' }),
    delete: Flags.boolean({ summary: 'remove its directory with all records' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.read(DevDown)
    const host = await this.shell.host()
    const cluster = await existingDevCluster(this.shell, flags)
    const timeoutMs = parseDurationMs(flags.timeout, '--timeout')
    if (flags.delete) await this.confirm(flags, [`to be removed: ${cluster.directory}`], 'Delete the cluster with all records?')
    const found = await Promise.all(cluster.nodes.map((node) => processOf(host, node)))
    const running = found.filter((each) => each !== undefined)
    if (running.length > 0) this.tell(`stopping ${counted(running.length, 'node')} …`)
    // Together: one that stops alone hands over to others that are about to stop.
    await Promise.all(running.map((each) => stopBroker(host, each, timeoutMs, 'kill')))
    if (flags.delete) await host.disk.removeTree(cluster.directory)
    this.tell(`${counted(running.length, 'node')} stopped${flags.delete ? `, ${cluster.directory} removed` : ''}`)
  }
}

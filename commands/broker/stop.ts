import {
  BaseCommand,
  Fault,
  Flags,
  findBroker,
  firstLogDirectory,
  nodeFlags,
  nodeProperties,
  parseDurationMs,
  stopBroker,
  textArg,
} from '../../src/cli/index.ts'

export default class BrokerStop extends BaseCommand {
  static override summary = 'stop a broker of this machine cleanly'
  static override examples = ['<%= config.bin %> broker stop', '<%= config.bin %> broker stop config/server.properties --timeout 2m']
  static override args = { file: textArg('server.properties that it was started with') }
  static override flags = {
    ...nodeFlags,
    timeout: Flags.string({ summary: 'how long to wait', default: '60s', helpValue: 'TIME' }),
    force: Flags.boolean({ summary: 'kill it when it has not ended by then' }),
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BrokerStop)
    const { properties } = await nodeProperties(this.shell, args.file, flags, (directory) => new Map([['log.dirs', directory]]))
    const host = await this.shell.host()
    const directory = firstLogDirectory(properties)
    const broker = await findBroker(host, directory)
    if (broker === undefined || !broker.running) throw new Fault(`no broker runs on ${directory}`, { exitCode: 3 })
    await stopBroker(
      host,
      broker,
      parseDurationMs(flags.timeout, '--timeout'),
      flags.force ? 'kill' : { hint: 'Wait longer with --timeout, or add --force to kill it.' },
    )
    this.tell(`broker ${broker.pid} has ended`)
  }
}

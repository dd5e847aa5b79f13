import {
  BaseCommand,
  type BrokerProcess,
  findBroker,
  firstLogDirectory,
  nodeFlags,
  nodeProperties,
  textArg,
  watchFlags,
} from '../../src/cli/index.ts'

export default class BrokerStatus extends BaseCommand {
  static override summary = 'say whether a broker of this machine runs; exit code 3 when not'
  static override examples = ['<%= config.bin %> broker status', '<%= config.bin %> broker status config/server.properties --json']
  static override args = { file: textArg('server.properties that it is started with') }
  static override flags = { ...nodeFlags, ...watchFlags }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BrokerStatus)
    const { properties } = await nodeProperties(this.shell, args.file, flags, (directory) => new Map([['log.dirs', directory]]))
    const dataDirectory = firstLogDirectory(properties)
    const broker = await findBroker(await this.shell.host(), dataDirectory)
    await this.render<BrokerProcess>({
      kind: 'BrokerStatus',
      items: [broker?.running === true ? broker : { pid: 0, dataDirectory, running: false }],
      columns: [
        { name: 'RUNNING', value: (each) => each.running },
        { name: 'PID', value: (each) => (each.running ? each.pid : null), right: true },
        { name: 'DATA-DIRECTORY', value: (each) => each.dataDirectory },
      ],
    })
    if (broker?.running !== true) this.shell.exitCode = 3
  }
}

import {
  BaseCommand,
  type BrokerReport,
  findBroker,
  firstLogDirectory,
  loadBrokerText,
  nodeFlags,
  nodeProperties,
  textArg,
  watchFlags,
} from '../../src/cli/index.ts'

export default class BrokerStatus extends BaseCommand {
  static override summary = 'show whether and how a broker of this machine runs; exit code 3 when not'
  static override description =
    'Asks the status page of the broker (tkafka.status.listener), and the broker itself where there is none; what nobody tells is n/a. Rates are those of half a second.'
  static override examples = ['<%= config.bin %> broker status', '<%= config.bin %> broker status config/server.properties --json']
  static override args = { file: textArg('server.properties that it is started with') }
  static override flags = { ...nodeFlags, ...watchFlags }

  async run(): Promise<void> {
    const { flags, args } = await this.read(BrokerStatus)
    const { properties } = await nodeProperties(this.shell, args.file, flags, (directory) => new Map([['log.dirs', directory]]))
    const { brokerColumns, brokerReport, brokerText, emptyReport, readNote } = await loadBrokerText()
    const directory = firstLogDirectory(properties)
    const host = await this.shell.host()
    const broker = await findBroker(host, directory)
    const report =
      broker?.running === true
        ? await brokerReport(host, broker.pid, directory, await readNote(host, directory, broker.pid))
        : emptyReport(0, directory)
    await this.render<BrokerReport>({
      kind: 'BrokerStatus',
      items: [report],
      columns: brokerColumns,
      text: ([each], style) => (each === undefined ? '' : brokerText(each, style)),
    })
    if (!report.running) this.shell.exitCode = 3
  }
}

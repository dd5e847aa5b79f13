import { join } from 'node:path'
import { BaseCommand, Fault, Flags, loadManPages, messageOf, textArgs, usageFault } from '../src/cli/index.ts'
import { commands, topics } from './index.ts'

export default class Man extends BaseCommand {
  static override summary = 'show the manual: of tkafka, of a command, or of all settings'
  static override description = 'On a terminal through man, otherwise as the source of the page.'
  static override examples = [
    '<%= config.bin %> man',
    '<%= config.bin %> man topics create',
    { description: 'All settings of brokers, topics and groups:', command: '<%= config.bin %> man config' },
    { description: 'Where man looks for pages:', command: '<%= config.bin %> man --to ~/.local/share/man' },
  ]
  static override args = { command: textArgs('the words of a command, or config') }
  static override flags = {
    to: Flags.string({ summary: 'write all pages below this directory, in man1 and man5', helpValue: 'DIR' }),
    flat: Flags.boolean({ hidden: true }),
  }

  async run(): Promise<void> {
    const { flags, argv } = await this.read(Man)
    const { manPages, showManPage } = await loadManPages()
    const pages = await manPages(commands, topics)
    if (flags.to !== undefined) return this.#write(pages, flags.to, flags.flat)
    const name = ['tkafka', ...argv].join('-')
    const file = [`${name}.1`, `${name}.5`].find((each) => pages.has(each))
    if (file === undefined) throw usageFault(`there is no page on ${argv.join(' ')}`, 'See tkafka --help for the commands.')
    const page = pages.get(file)!
    if (this.shell.stdout.isTTY !== true || !(await showManPage(this.shell, file, page))) await this.write(page)
  }

  async #write(pages: ReadonlyMap<string, string>, to: string, flat: boolean): Promise<void> {
    const { disk } = await this.shell.host()
    try {
      for (const [file, page] of pages) {
        const folder = flat ? to : join(to, `man${file.at(-1)}`)
        await disk.makeDirectory(folder)
        await disk.replaceFile(join(folder, file), Buffer.from(page))
      }
      // Of commands that are no more.
      for (const { name } of flat ? await disk.list(to) : [])
        if (/^tkafka(-.*)?\.[15]$/.test(name) && !pages.has(name)) await disk.remove(join(to, name))
    } catch (error) {
      throw new Fault(`cannot write to ${to}: ${messageOf(error)}`, { cause: error })
    }
    this.tell(`${pages.size} pages are in ${to}`)
  }
}

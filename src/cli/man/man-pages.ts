import { describeCommands } from '../command-description.ts'
import type { CommandTable } from '../command-tree.ts'
import { commandPage, mainPage, pageName } from './command-page.ts'
import { configPage } from './config-page.ts'

/** All pages by the names of their files. */
export async function manPages(commands: CommandTable, topics: Readonly<Record<string, string>>): Promise<Map<string, string>> {
  const all = await describeCommands(commands)
  const pages = new Map([
    ['tkafka.1', mainPage(all, topics)],
    ['tkafka-config.5', configPage()],
  ])
  for (const described of all) {
    const [noun] = described.command.split(' ')
    const others = all.map(({ command }) => command).filter((id) => id !== described.command && id.split(' ')[0] === noun)
    pages.set(`${pageName(described.command)}.1`, commandPage(described, others))
  }
  return pages
}

import { describeCommands } from '../command-description.ts'
import type { CommandTable } from '../command-tree.ts'
import { completionTable } from './completion-table.ts'
import { bashScript, fishScript, zshScript } from './posix-script.ts'
import { powershellScript } from './powershell-script.ts'

const scripts = { bash: bashScript, zsh: zshScript, fish: fishScript, powershell: powershellScript } as const

export const completionShells = ['bash', 'zsh', 'fish', 'powershell'] as const
export type CompletionShell = (typeof completionShells)[number]

export const completionScript = async (shell: CompletionShell, commands: CommandTable): Promise<string> =>
  scripts[shell](completionTable(await describeCommands(commands)))

import { Args, BaseCommand, loadCompletion, usageFault } from '../src/cli/index.ts'
import { commands } from './index.ts'

export default class Completion extends BaseCommand {
  static override summary = 'print what makes a shell complete commands, flags and names'
  static override description =
    'Names of topics, groups and brokers are those that topics list, groups list and cluster describe have shown last, for the profile or the address on the line: completing asks no cluster and waits for nothing.'
  static override examples = [
    { description: 'In a .bashrc:', command: 'eval "$(<%= config.bin %> completion bash)"' },
    { description: 'zsh, in a folder of $fpath:', command: '<%= config.bin %> completion zsh > ~/.zfunc/_tkafka' },
    { description: 'fish:', command: '<%= config.bin %> completion fish > ~/.config/fish/completions/tkafka.fish' },
    { description: 'PowerShell, in $PROFILE:', command: '<%= config.bin %> completion powershell | Out-String | Invoke-Expression' },
  ]
  static override args = {
    shell: Args.string({ description: 'bash, zsh, fish or powershell', ignoreStdin: true, options: ['bash', 'zsh', 'fish', 'powershell'] }),
  }

  async run(): Promise<void> {
    const { args } = await this.read(Completion)
    const { completionScript, completionShells } = await loadCompletion()
    const shell = completionShells.find((each) => each === args.shell)
    if (shell === undefined) throw usageFault('which shell?', `One of ${completionShells.join(', ')}.`)
    await this.write(await completionScript(shell, commands))
  }
}

import { loadProfiles, ProfileCommand } from '../../src/cli/index.ts'

const codes = { red: 31, green: 32, yellow: 33, blue: 34, magenta: 35, cyan: 36 } as const

export default class ProfilePrompt extends ProfileCommand {
  static override summary = 'print the current profile for the prompt of a shell; nothing when there is none'
  static override description =
    'In the color of the profile, on terminals that have colors; ! stands for production, and (ro) for read-only.'
  static override examples = [
    { description: 'In a .bashrc:', command: "PS1='$(<%= config.bin %> profile prompt) '$PS1" },
    { description: 'Without colors:', command: '<%= config.bin %> profile prompt --no-color' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.read(ProfilePrompt)
    const { profileReport } = await loadProfiles()
    const { all, current } = await this.profiles()
    const found = all.find(({ profile }) => profile.name === current)
    if (current === undefined) return
    if (found === undefined) return void (await this.write(`${current}?\n`))
    const { name, production, readOnly, color } = profileReport(found, current)
    const text = `${name}${production ? '!' : ''}${readOnly ? '(ro)' : ''}`
    const isPlain = flags['no-color'] || (this.shell.env.NO_COLOR ?? '') !== ''
    const chosen = color ?? (production ? 'red' : null)
    await this.write(isPlain || chosen === null ? `${text}\n` : `\x1b[${codes[chosen]}m${text}\x1b[0m\n`)
  }
}

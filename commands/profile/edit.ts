import { Fault, loadEditText, loadProfiles, ProfileCommand, printable } from '../../src/cli/index.ts'

export default class ProfileEdit extends ProfileCommand {
  static override summary = 'open the file of the profiles in an editor'
  static override description = 'In $VISUAL or $EDITOR, else vi on a terminal. What is no profile file is not taken over.'
  static override examples = ['<%= config.bin %> profile edit', "EDITOR='code --wait' <%= config.bin %> profile edit"]

  async run(): Promise<void> {
    await this.read(ProfileEdit)
    const { plainSecretsOf, profileText, readProfileFiles, saveProfiles, userFile } = await loadProfiles()
    const path = userFile(this.shell)
    const text = await profileText(this.shell)
    const { editText } = await loadEditText()
    const edited = await editText(this.shell, 'profiles.yaml', text)
    if (edited === undefined) return this.tell('nothing was changed')
    const { disk } = await this.shell.host()
    const rejected = `${path}.edit.yaml`
    let remarks: readonly string[]
    try {
      remarks = await saveProfiles(this.shell, edited)
    } catch (error) {
      await disk.replaceFile(rejected, Buffer.from(edited), 'private')
      throw new Fault((error as Error).message, { cause: error, hint: `What you wrote is in ${rejected}; ${path} is as it was.` })
    }
    await disk.removeTree(rejected)
    for (const remark of remarks) this.tell(remark)
    const { user } = await readProfileFiles(this.shell)
    for (const profile of user?.profiles ?? [])
      for (const field of plainSecretsOf(profile))
        this.tell(printable(`${profile.name}.${field} holds a secret as it is: nothing will use it`), 'always')
  }
}

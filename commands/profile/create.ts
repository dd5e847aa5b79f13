import {
  dryRunFlag,
  Flags,
  loadProfiles,
  loadSecretKeys,
  ProfileCommand,
  parsePairs,
  readPropertiesFile,
  requiredArg,
  usageFault,
} from '../../src/cli/index.ts'

export default class ProfileCreate extends ProfileCommand {
  static override summary = 'make a profile: how to reach a cluster, and how careful to be there'
  static override description =
    'Secrets stay where they are: a setting holds keyring:NAME, env:NAME, file:PATH or command:LINE, as a whole, or within, after a dollar sign and in braces. The first profile becomes the current one.'
  static override examples = [
    '<%= config.bin %> profile create dev -b 127.0.0.1:9092',
    {
      description: 'With what a client is configured with, its password in the keyring of the system:',
      command:
        '<%= config.bin %> profile create prod-eu -b k1:9092,k2:9092 -X security.protocol=SASL_SSL -X sasl.jaas.config=keyring:prod-eu --production',
    },
    {
      description: 'Only to look, as JSON unless something else is asked for:',
      command: '<%= config.bin %> profile create audit --from prod-eu --read-only --default output=json',
    },
  ]
  static override args = { name: requiredArg('its name') }
  static override flags = {
    'bootstrap-server': Flags.string({
      char: 'b',
      aliases: ['bootstrap-servers', 'brokers'],
      summary: 'brokers to ask first',
      helpValue: 'HOST:PORT',
    }),
    'command-property': Flags.string({
      char: 'X',
      multiple: true,
      multipleNonGreedy: true,
      summary: 'a client setting',
      helpValue: 'KEY=VALUE',
    }),
    'command-config': Flags.string({ char: 'F', summary: 'the settings of a .properties file', helpValue: 'FILE' }),
    from: Flags.string({ summary: 'begin with what this profile says', helpValue: 'NAME' }),
    production: Flags.boolean({ summary: 'what destroys asks for the name of the profile' }),
    'read-only': Flags.boolean({ summary: 'what changes something is refused' }),
    color: Flags.option({ options: ['red', 'yellow', 'green', 'cyan', 'blue', 'magenta'] as const })({ summary: 'of the prompt' }),
    'metrics-url': Flags.string({ summary: 'where the brokers show their metrics', helpValue: 'URL' }),
    default: Flags.string({ multiple: true, multipleNonGreedy: true, summary: 'of flags: output=…, timeout=…', helpValue: 'FLAG=VALUE' }),
    use: Flags.boolean({ summary: 'make it the current one' }),
    replace: Flags.boolean({ summary: 'one of this name may be there already' }),
    'dry-run': dryRunFlag,
  }

  async run(): Promise<void> {
    const { flags, args } = await this.read(ProfileCreate)
    const { name } = args
    const { emptyProfile, ProfileEditor, plainSecretsOf, profileFields, profileFile, profileReport, profileView, userFile } =
      await loadProfiles()
    const { all } = await this.profiles()
    const source = flags.from === undefined ? undefined : all.find(({ profile }) => profile.name === flags.from)
    if (flags.from !== undefined && source === undefined) throw this.unknownProfile(flags.from, all)
    const base = source?.profile ?? emptyProfile(name)
    const file = flags['command-config'] === undefined ? {} : await readPropertiesFile(this.shell, flags['command-config'])
    const { 'bootstrap.servers': servers, ...properties } = {
      ...base.properties,
      ...file,
      ...parsePairs(flags['command-property'] ?? [], '-X'),
    }
    const defaults = parsePairs(flags.default ?? [], '--default')
    const fields = {
      ...profileFields({
        ...base,
        name,
        properties,
        bootstrapServers: flags['bootstrap-server'] ?? servers ?? base.bootstrapServers,
        production: flags.production || base.production,
        readOnly: flags['read-only'] || base.readOnly,
        color: flags.color ?? base.color,
        metricsUrl: flags['metrics-url'] ?? base.metricsUrl,
      }),
      ...(Object.keys(defaults).length > 0 && { defaults: { ...(profileFields(base).defaults as object), ...defaults } }),
    }
    const made = profileFile({ profiles: [fields] }, '--default', 'user')
    const profile = made.profiles[0]!
    if (made.remarks.length > 0) throw usageFault(made.remarks[0]!)
    const [plain] = plainSecretsOf(profile)
    if (plain !== undefined) {
      const { hintFor } = await loadSecretKeys()
      throw usageFault(`${plain} would stand in the file as it is`, hintFor(name))
    }
    const editor = await ProfileEditor.open(this.shell)
    if (editor.has(name) && !flags.replace) throw usageFault(`there is a profile ${name}`, 'Say --replace, or see tkafka profile edit.')
    const becomesCurrent = flags.use || editor.count === 0
    editor.put(profile)
    if (becomesCurrent) editor.use(name)
    if (!flags['dry-run']) await editor.save()
    const report = profileReport({ profile, file: { ...made, path: userFile(this.shell) } }, becomesCurrent ? name : undefined)
    await this.render(profileView([report]))
  }
}

import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ProfileHome } from './profile-home.ts'

const two = `# mine
current: prod-eu # careful
profiles:
  # the big one
  - name: prod-eu
    bootstrapServers: k1:9092
    properties: { sasl.jaas.config: 'keyring:prod-eu' }
    production: true
    color: red
  - name: dev
    bootstrapServers: 127.0.0.1:1
    readOnly: true
    defaults: { output: json, timeout: 2s }
`

describe('tkafka profile', () => {
  it('create makes the first one current, and list and show tell of it', async () => {
    using home = new ProfileHome()
    assert.match((await home.tkafka(['profile', 'list'])).stderr, /there are no profiles/)
    const made = await home.tkafka(['profile', 'create', 'dev', '-b', 'h:9092', '-X', 'client.rack=a', '--default', 'output=csv', '--json'])
    assert.equal(made.code, 0, made.stderr)
    const [item] = JSON.parse(made.stdout).items
    assert.deepEqual([item.name, item.bootstrapServers, item.properties, item.current], ['dev', 'h:9092', { 'client.rack': 'a' }, true])
    await home.tkafka(['profile', 'create', 'audit', '--from', 'dev', '--read-only'])
    const { stdout } = await home.tkafka(['profile', 'list'])
    assert.match(stdout, /^NAME +CURRENT +BOOTSTRAP-SERVERS +CARE\ndev +\* +h:9092 +-\naudit +- +h:9092 +read-only\n$/)
    assert.match(
      (await home.tkafka(['profile', 'show', 'audit'])).stdout,
      /^# .*profiles\.yaml\nname: audit\n[\s\S]*client\.rack: a\nreadOnly: true\ndefaults:\n {2}output: csv\n$/,
    )
  })

  it('create refuses what is there, what is no name and secrets as they are; --dry-run writes nothing', async () => {
    using home = new ProfileHome(two)
    for (const [argv, said] of [
      [['dev'], /there is a profile dev/],
      [['none'], /a name has letters/],
      [['a/b'], /a name has letters/],
      [['x', '--from', 'prod-e'], /Did you mean prod-eu/],
      [['x', '--default', 'output=html'], /defaults\.output: must be one of/],
      [['x', '--default', 'colour=no'], /colour means nothing/],
      [['x', '-X', 'ssl.key.password=abcdef'], /would stand in the file as it is/],
    ] as const) {
      const { code, stderr } = await home.tkafka(['profile', 'create', ...argv])
      assert.notEqual(code, 0, argv.join(' '))
      assert.match(stderr, said)
      assert.ok(!stderr.includes('abcdef'))
    }
    assert.equal((await home.tkafka(['profile', 'create', 'x', '-b', 'h:1', '--dry-run'])).code, 0)
    assert.equal(readFileSync(home.path, 'utf8'), two)
  })

  it('use and delete keep what people wrote beside it', async () => {
    using home = new ProfileHome(two)
    const used = await home.tkafka(['profile', 'use', 'dev'])
    assert.match(used.stderr, /dev is current/)
    assert.match(readFileSync(home.path, 'utf8'), /^# mine\ncurrent: dev # careful\nprofiles:\n {2}# the big one\n/)
    assert.match((await home.tkafka(['profile', 'use', 'dv'])).stderr, /Did you mean dev/)
    assert.equal((await home.tkafka(['profile', 'delete', 'dev'])).code, 2)
    assert.equal((await home.tkafka(['profile', 'delete', 'dev', '--dry-run'])).code, 0)
    assert.match(readFileSync(home.path, 'utf8'), /name: dev/)
    assert.equal((await home.tkafka(['profile', 'delete', 'dev', '--yes'])).code, 0)
    const left = readFileSync(home.path, 'utf8')
    assert.ok(!left.includes('dev') && left.includes('# the big one'), left)
    assert.match((await home.tkafka(['profile', 'use', '--none'])).stderr, /no profile is current/)
  })

  it('use says when something else decides', async () => {
    using home = new ProfileHome(two)
    assert.match(
      (await home.tkafka(['profile', 'use', 'dev'], { env: { TKAFKA_PROFILE: 'prod-eu' } })).stderr,
      /but prod-eu stays in use here/,
    )
  })

  it('prompt is short, colored on request of the profile, and empty without one', async () => {
    using home = new ProfileHome(two)
    assert.equal((await home.tkafka(['profile', 'prompt'])).stdout, '\x1b[31mprod-eu!\x1b[0m\n')
    assert.equal((await home.tkafka(['profile', 'prompt', '--no-color'])).stdout, 'prod-eu!\n')
    assert.equal((await home.tkafka(['profile', 'prompt'], { env: { TKAFKA_PROFILE: 'dev' } })).stdout, 'dev(ro)\n')
    assert.equal((await home.tkafka(['profile', 'prompt'], { env: { TKAFKA_PROFILE: 'none' } })).stdout, '')
  })

  it('show hides logins in addresses, whatever they are made of', async () => {
    using home = new ProfileHome(`profiles:
  - name: prod
    metricsUrl: 'http://me:p@secret@metrics:9644/metrics'
    properties: { schema.registry.url: 'https://me:secret@registry:8081', basic.auth.user.info: 'me:secret' }
`)
    const { stdout } = await home.tkafka(['profile', 'show', 'prod', '--json'])
    assert.doesNotMatch(stdout, /secret/)
    assert.match(stdout, /@metrics:9644/)
    assert.match(stdout, /@registry:8081/)
  })

  it('edit leaves nothing behind when nothing was changed, and starts no editor where nobody is', async () => {
    using home = new ProfileHome(two)
    assert.match((await home.tkafka(['profile', 'edit'], { env: { EDITOR: 'true' } })).stderr, /nothing was changed/)
    assert.ok(!existsSync(`${home.path}.edit.yaml`))
    const { code, stderr } = await home.tkafka(['profile', 'edit'])
    assert.deepEqual([code, /with which editor/.test(stderr)], [2, true], stderr)
  })

  it('a schema is no default of a profile', async () => {
    using home = new ProfileHome('profiles:\n- name: a\n  defaults: { output: schema }\n')
    assert.match((await home.tkafka(['profile', 'show', 'a'])).stderr, /a\.defaults\.output: must be one of text/)
  })

  it('edit takes over what is a profile file, and nothing else', async () => {
    using home = new ProfileHome(two)
    const editor = home.write('editor', '#!/bin/sh\nprintf "%s" "$NEW_TEXT" > "$1"\n')
    chmodSync(editor, 0o755)
    const edit = (text: string) => {
      process.env.NEW_TEXT = text
      return home.tkafka(['profile', 'edit'], { env: { EDITOR: editor } })
    }
    const wrong = await edit('profiles: {}')
    assert.equal(wrong.code, 1)
    assert.match(wrong.stderr, /profiles: must be a list\n {2}What you wrote is in .*edit\.yaml/)
    assert.equal(readFileSync(home.path, 'utf8'), two)
    const right = await edit('profiles:\n- name: a\n  colour: red\n')
    assert.equal(right.code, 0, right.stderr)
    assert.match(right.stderr, /a: colour means nothing here; did you mean color\?/)
    assert.match(readFileSync(home.path, 'utf8'), /name: a/)
    assert.ok(!existsSync(`${home.path}.edit.yaml`))
    delete process.env.NEW_TEXT
  })

  it('a file that cannot be understood is named with its line, without its text', async () => {
    using home = new ProfileHome('profiles:\n- name: "a\n  password: hunter2\n')
    for (const argv of [
      ['topics', 'list'],
      ['profile', 'list'],
      ['profile', 'use', 'a'],
    ]) {
      const { code, stderr } = await home.tkafka(argv)
      assert.equal(code, 1, argv.join(' '))
      assert.match(stderr, /profiles\.yaml(:\d+:\d+)?: is no YAML/)
      assert.ok(!stderr.includes('hunter2'), stderr)
    }
  })

  it('what a profile file says is for its owner alone, wherever it lies; a secret that stands in it lies nowhere else', async () => {
    using home = new ProfileHome(two)
    assert.equal((await home.tkafka(['profile', 'use', 'dev'])).code, 0)
    const memory = join(home.home, '.cache/tkafka/profiles.json')
    for (const path of [home.path, memory]) assert.equal(statSync(path).mode & 0o777, 0o600, path)
    home.write('.config/tkafka/profiles.yaml', 'profiles: [{name: a, properties: {ssl.key.password: hunter2}}]\n')
    assert.equal((await home.tkafka(['profile', 'list'])).code, 0)
    assert.ok(!existsSync(memory))
    const seen = join(home.home, 'seen')
    await home.tkafka(['profile', 'edit'], { env: { EDITOR: `cp -p "$1" ${seen}; true` } })
    assert.equal(statSync(seen).mode & 0o777, 0o600)
  })

  it('what is remembered of a file never outlives its text', async () => {
    using home = new ProfileHome('profiles: [{name: a}]\n')
    const names = async (): Promise<string[]> =>
      JSON.parse((await home.tkafka(['profile', 'list', '--json'])).stdout).items.map(({ name }: { name: string }) => name)
    assert.deepEqual(await names(), ['a'])
    assert.ok(existsSync(join(home.home, '.cache/tkafka/profiles.json')))
    assert.deepEqual(await names(), ['a'])
    home.write('.config/tkafka/profiles.yaml', 'profiles: [{name: b}]\n')
    assert.deepEqual(await names(), ['b'])
    home.write('.cache/tkafka/profiles.json', '{broken')
    assert.deepEqual(await names(), ['b'])
  })
})

describe('tkafka profile import', () => {
  const files = {
    rpk: `version: 7
current_profile: stage
profiles:
  - name: stage
    kafka_api:
      brokers: [r1:9092, r2:9092]
      tls: { ca_file: /ca.pem, insecure_skip_verify: true }
      sasl: { user: alice, password: pa"ss, mechanism: scram-sha-256 }
    schema_registry: { addresses: [sr:8081] }
  - name: local
    kafka_api: { brokers: [127.0.0.1:19092] }
`,
    kaf: `current-cluster: big
clusters:
- name: big
  brokers: [b:9092]
  SASL: { mechanism: PLAIN, username: u, password: secret-of-kaf }
  TLS: null
  security-protocol: SASL_SSL
  schema-registry-url: https://sr
  schema-registry-credentials: { username: x, password: y }
`,
    kcl: `seed_brokers = ["k:9092"]
timeout_ms = 7000
[sasl]
method = "scram-sha-512"
user = "bob"
pass = "secret-of-kcl"
`,
    properties:
      'bootstrap.servers=p:9092\nsecurity.protocol=SASL_SSL\nsasl.jaas.config=x required username="u" password="secret-of-properties";\n',
  } as const

  it('takes over addresses, transport and logins; passwords go to files of their own', async () => {
    using home = new ProfileHome()
    const place = {
      rpk: '.config/rpk/rpk.yaml',
      kaf: '.kaf/config',
      kcl: '.config/kcl/config.toml',
      properties: 'stage.properties',
    } as const
    for (const [format, text] of Object.entries(files) as [keyof typeof files, string][]) {
      const path = home.write(place[format], text)
      const argv = ['profile', 'import', format, ...(format === 'properties' ? [path, '--name', 'props'] : []), '--json']
      const { code, stdout, stderr } = await home.tkafka(argv)
      assert.equal(code, 0, stderr)
      assert.doesNotMatch(stdout + stderr + readFileSync(home.path, 'utf8'), /secret-of|pa\\?"ss/)
      if (format === 'rpk') assert.match(stderr, /stage: the certificate of the brokers is checked/)
    }
    const { items } = JSON.parse((await home.tkafka(['profile', 'list', '--json'])).stdout)
    const of = (name: string) => items.find((each: { name: string }) => each.name === name)
    assert.deepEqual(
      items.map(({ name, bootstrapServers, current }: Record<string, unknown>) => [name, bootstrapServers, current]),
      [
        ['stage', 'r1:9092,r2:9092', true],
        ['local', '127.0.0.1:19092', false],
        ['big', 'b:9092', false],
        ['kcl', 'k:9092', false],
        ['props', 'p:9092', false],
      ],
    )
    assert.deepEqual(of('stage').properties, {
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-256',
      'sasl.jaas.config': 'file:secrets/stage.sasl.jaas.config',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': '/ca.pem',
    })
    const kept = join(home.home, '.config/tkafka/secrets/stage.sasl.jaas.config')
    assert.equal(statSync(kept).mode & 0o777, 0o600)
    assert.equal(
      readFileSync(kept, 'utf8'),
      'org.apache.kafka.common.security.scram.ScramLoginModule required username="alice" password="pa\\"ss";\n',
    )
    assert.deepEqual(of('big').registry, { url: 'https://sr', auth: 'file:secrets/big.registry.auth' })
    assert.equal(of('kcl').properties['security.protocol'], 'SASL_PLAINTEXT')
    assert.equal(of('kcl').defaults.timeout, '7000ms')
  })

  it('takes over the contexts of kafkactl, whatever the case of its keys, and the one in use from the file beside', async () => {
    using home = new ProfileHome()
    home.write(
      '.config/kafkactl/config.yml',
      `contexts:
  default:
    brokers:
      - localhost:9092
  remote-cluster:
    brokers:
      - remote-cluster001:9092
      - remote-cluster002:9092
    tls:
      enabled: true
      ca: /etc/kafka/ca.pem
      cert: /etc/kafka/me.pem
      certKey: /etc/kafka/me.key
      insecure: true
    sasl:
      enabled: true
      username: admin
      password: secret-of-kafkactl
      mechanism: scram-sha512
      version: v1
    clientID: my-client-id
    kafkaVersion: 1.1.1
    requestTimeout: 1m30s
    schemaRegistry:
      url: registry:8081
      requestTimeout: 10s
      username: reader
      password: secret-of-registry
      tls:
        enabled: true
    producer:
      requiredAcks: "WaitForAll"
  # As kafkactl itself writes it: keys in lower case.
  In-K8s:
    avro:
      schemaregistry: http://old:8081
    brokers: broker1:9092 broker2:9092
    kubernetes:
      enabled: true
      kubecontext: k8s-cluster
    sasl:
      enabled: true
      mechanism: oauth
      tokenprovider:
        plugin: azure
    tls:
      certkey: ""
      enabled: false
`,
    )
    home.write('.config/kafkactl/current-context.yml', 'current-context: remote-cluster\n')
    const { code, stdout, stderr } = await home.tkafka(['profile', 'import', 'kafkactl', '--json'])
    assert.equal(code, 0, stderr)
    assert.doesNotMatch(stdout + stderr + readFileSync(home.path, 'utf8'), /secret-of/)
    assert.match(stderr, /remote-cluster: the certificate of the brokers is checked/)
    assert.match(stderr, /In-K8s: it is reached from within Kubernetes there/)
    assert.match(stderr, /In-K8s: the login with OAUTHBEARER is not taken over/)
    const [local, remote, inside] = JSON.parse(stdout).items
    assert.deepEqual(
      [local, remote, inside].map(({ name, bootstrapServers, current, defaults }) => [name, bootstrapServers, current, defaults.timeout]),
      [
        ['default', 'localhost:9092', false, null],
        ['remote-cluster', 'remote-cluster001:9092,remote-cluster002:9092', true, '90000ms'],
        ['In-K8s', 'broker1:9092,broker2:9092', false, null],
      ],
    )
    assert.deepEqual([local.properties, inside.properties], [{}, {}])
    assert.deepEqual(remote.properties, {
      'client.id': 'my-client-id',
      'security.protocol': 'SASL_SSL',
      'sasl.mechanism': 'SCRAM-SHA-512',
      'sasl.jaas.config': 'file:secrets/remote-cluster.sasl.jaas.config',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': '/etc/kafka/ca.pem',
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.certificate.chain': 'file:/etc/kafka/me.pem',
      'ssl.keystore.key': 'file:/etc/kafka/me.key',
    })
    assert.deepEqual(remote.registry, { url: 'https://registry:8081', auth: 'file:secrets/remote-cluster.registry.auth' })
    assert.deepEqual(inside.registry, { url: 'http://old:8081', auth: null })
  })

  it('takes the secrets that it has written along when a profile is deleted, but for those that another one refers to', async () => {
    using home = new ProfileHome()
    const path = home.write('rpk.yaml', files.rpk)
    assert.equal((await home.tkafka(['profile', 'import', 'rpk', path])).code, 0)
    const secret = join(home.home, '.config/tkafka/secrets/stage.sasl.jaas.config')
    assert.equal((await home.tkafka(['profile', 'create', 'like-stage', '--from', 'stage'])).code, 0)
    await home.tkafka(['profile', 'delete', 'stage', '--yes'])
    assert.ok(existsSync(secret))
    assert.equal((await home.tkafka(['profile', 'delete', 'like-stage', '--dry-run'])).code, 0)
    assert.ok(existsSync(secret))
    assert.equal((await home.tkafka(['profile', 'delete', 'like-stage', '--yes'])).code, 0)
    assert.ok(!existsSync(secret))
  })

  it('shows with --dry-run, and refuses what is there or missing', async () => {
    using home = new ProfileHome()
    const path = home.write('x.properties', files.properties)
    assert.equal((await home.tkafka(['profile', 'import', 'properties', path, '--dry-run'])).code, 0)
    assert.ok(!existsSync(home.path) && !existsSync(join(home.home, '.config/tkafka/secrets')))
    assert.equal((await home.tkafka(['profile', 'import', 'properties', path])).code, 0)
    assert.match((await home.tkafka(['profile', 'import', 'properties', path])).stderr, /there is a profile x already\n {2}Say --replace/)
    assert.equal((await home.tkafka(['profile', 'import', 'properties', path, '--replace'])).code, 0)
    assert.match((await home.tkafka(['profile', 'import', 'kaf'])).stderr, /there is no .*\.kaf\/config/)
    assert.equal((await home.tkafka(['profile', 'import', 'jks'])).code, 2)
  })
})

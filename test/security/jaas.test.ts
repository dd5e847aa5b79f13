import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseJaas, SecurityError } from '../../src/security/index.ts'

const options = (text: string): Record<string, string> => Object.fromEntries(parseJaas(text)[0]!.options)

describe('sasl.jaas.config', () => {
  it('names a login module, how much it counts, and its options', () => {
    const [module, ...rest] = parseJaas(
      'org.apache.kafka.common.security.scram.ScramLoginModule REQUIRED\n  username="alice" password=\'secret\';',
    )
    assert.equal(module!.module, 'org.apache.kafka.common.security.scram.ScramLoginModule')
    assert.equal(module!.flag, 'required')
    assert.deepEqual([...module!.options], Object.entries({ username: 'alice', password: 'secret' }))
    assert.deepEqual(rest, [])
  })

  it('may name several modules', () => {
    const modules = parseJaas('a.B required x=y; c.D$E optional; f.G-h sufficient i_j="k";')
    assert.deepEqual(
      modules.map(({ module, flag, options }) => [module, flag, Object.fromEntries(options)]),
      [
        ['a.B', 'required', { x: 'y' }],
        ['c.D$E', 'optional', {}],
        ['f.G-h', 'sufficient', { i_j: 'k' }],
      ],
    )
  })

  it('has the quotes and escapes of Java', () => {
    assert.deepEqual(options(String.raw`a.B required p="say \"hi\" \\ \t\101\7z\x" q='it\'s "so"' r="a;b=c//d/*e*/";`), {
      p: 'say "hi" \\ \tA\x07zx',
      q: 'it\'s "so"',
      r: 'a;b=c//d/*e*/',
    })
  })

  it('has comments as in C, and after a slash', () => {
    assert.deepEqual(options('// first\na.B /* of\nmany */ required / alone\n u=v;'), { u: 'v' })
  })

  it('gives back whatever text was quoted', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const quoted = text.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\r', '\\r')
        assert.deepEqual(options(`a.B required password="${quoted}";`), { password: text })
      }),
    )
  })

  for (const [text, said] of [
    ['', /names no login module/],
    ['a.B', /login module 1 is not followed by one of required/],
    ['a.B maybe;', /login module 1 is not followed by one of required/],
    ['a.B required username="x"', /semicolon at the end is missing/],
    ['a.B required username;', /option 1 of login module 1 has no value/],
    ['a.B required n=1 x=y;', /option 1 of login module 1 has no value, or one that needs quotes/],
    ['a.B required user="x" password=;', /option 2 of login module 1 has no value/],
    [';', /login module 1 has no name/],
    ['a.B required password=abc;def', /login module 2 is not followed by/],
    ['a.B required user="al\nice";', /option 2 of login module 1 has no/],
  ] as const) {
    it(`${JSON.stringify(text)} is refused`, () => {
      assert.throws(
        () => parseJaas(text),
        (error) => error instanceof SecurityError && error.errorName === 'INVALID_CONFIG' && said.test(error.message),
      )
    })
  }

  it('ends with a value or an error that holds no secret, whatever it is given', () => {
    const pieces = fc.constantFrom('a.B', 'required', ' ', ';', '=', '"', "'", 'user', '\\', '/', '*', '\n', '9', 'hush-hush', 'password')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 30 }), (parts) => {
        const text = `a.B required password="hush-hush" ${parts.join('')}`
        try {
          parseJaas(text)
        } catch (error) {
          assert.ok(error instanceof SecurityError, String(error))
          assert.doesNotMatch(error.message, /hush/)
        }
      }),
    )
  })
})

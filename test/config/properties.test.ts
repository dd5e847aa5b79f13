import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseProperties, propertyLine, propertyLines } from '../../src/config/index.ts'

const parsed = (text: string): Record<string, string> => Object.fromEntries(parseProperties(text))

describe('a .properties file reads as java.util.Properties reads it', () => {
  test('comments, blank lines and every separator', () => {
    const text = '# one\n  ! two\n\n a=1\nb:2\nc 3\nd = 4\ne\t:\t5\r\nf==6\rg = = 7\nh\n'
    assert.deepEqual(parsed(text), { a: '1', b: '2', c: '3', d: '4', e: '5', f: '=6', g: '= 7', h: '' })
  })

  test('a line goes on after an odd number of backslashes, and blanks at its start are dropped', () => {
    assert.deepEqual(parsed('a = 1,\\\n    2,\\\n  # 3\nb=c\\\\\nd=e'), { a: '1,2,# 3', b: 'c\\', d: 'e' })
  })

  test('escapes in keys and values, unicode included', () => {
    assert.deepEqual(parsed('a\\ b\\=c=\\t\\u00e9\\z\\:'), { 'a b=c': '\té' + 'z:' })
  })

  test('blanks at the end of a value stay, the last of equal keys wins, an unfinished line counts', () => {
    assert.deepEqual(parsed('a=1 \na=2 \nb=3\\'), { a: '2 ', b: '3' })
  })

  test('what Java would write is read back', () => {
    const escaped = (text: string): string =>
      [...text].map((c) => (/[a-z]/i.test(c) ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)).join('')
    const word = fc.string({ unit: 'binary-ascii' })
    fc.assert(
      fc.property(
        fc.dictionary(
          word.filter((key) => key !== '' && key !== '__proto__'),
          word,
        ),
        (properties) => {
          const text = Object.entries(properties).map(([key, value]) => `${escaped(key)}=${escaped(value)}\n`)
          assert.deepEqual(parsed(text.join('')), { ...properties })
        },
      ),
    )
  })

  test('any text is read without an error', () => {
    fc.assert(fc.property(fc.string(), (text) => parseProperties(text) instanceof Map))
  })
})

test('a key is known by the line that gives it its value', () => {
  const text = '# one\na=1\n\nb=x,\\\n  y\n a=2\r\nc\n'
  assert.deepEqual(Object.fromEntries(propertyLines(text)), { a: 6, b: 4, c: 7 })
})

test('a line that is written is read as what was written', () => {
  const key = fc.string({ minLength: 1, unit: 'grapheme' })
  fc.assert(
    fc.property(key, fc.string({ unit: 'grapheme' }), (name, value) =>
      assert.deepEqual(parsed(`${propertyLine(name, value)}\n`), { [name]: value }),
    ),
  )
  assert.equal(propertyLine('a b', ' x\ny\\'), 'a\\ b=\\ x\\ny\\\\')
})

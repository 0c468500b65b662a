import { describe, expect, test } from 'vitest'
import { parseExpression } from '../../src/expression/parse-expression.ts'
import { failure } from '../support/failure.ts'

const tree = (text: string) => parseExpression(text).blocks[0]?.node
const same = (text: string, spelled: string) => expect(tree(text)).toEqual(tree(spelled))

describe('an expression', () => {
  test('is read in lower case, without spaces around its blocks, and without empty blocks', () => {
    expect(parseExpression(' B2/b1 ; b10; ;').text).toBe('b2/b1;b10')
    expect(parseExpression(' B2/b1 ; b10; ;').bands).toEqual([1, 2, 10])
  })

  test('binds as Python does', () => {
    same('b1+b2*b3', 'b1+(b2*b3)')
    same('b1-b2-b3', '(b1-b2)-b3')
    same('b1/b2*b3', '(b1/b2)*b3')
    same('-b1**2', '-(b1**2)')
    same('b1**-b2**2', 'b1**(-(b2**2))')
    same('b1**b2**b3', 'b1**(b2**b3)')
    same('-b1*b2', '(-b1)*b2')
    same('~b1&b2', '(~b1)&b2')
    same('b1|b2^b3&b4+1', 'b1|(b2^(b3&(b4+1)))')
    same('b1+1>b2*2', '(b1+1)>(b2*2)')
    same('+b1', 'b1')
  })

  test('computes its constants at once, by Python’s rules', () => {
    same('b1*(1/4)', 'b1*0.25')
    same('b1*(7//2)', 'b1*3')
    same('b1*(-7//2)', 'b1*-4')
    same('b1*(-7%3)', 'b1*2')
    same('b1*2**-1', 'b1*0.5')
    same('b1*(6&3)', 'b1*2')
    same('b1*~6', 'b1*-7')
    same('b1*1_000', 'b1*0x3E8')
    same('b1*sqrt(2.25)', 'b1*1.5')
    same('where(2>1,b1,b2)', 'b1')
  })

  test('may have comments, and lines inside parentheses', () => {
    same('(b1\n+ # both\n b2)', 'b1+b2')
  })

  test.each([
    ['nothing', ''],
    ['only blanks and semicolons', ' ; '],
    ['an end too soon', 'b1+'],
    ['an open parenthesis', '(b1'],
    ['a closing one too much', 'b1)'],
    ['two values', 'b1 b2'],
    ['a line outside parentheses', 'b1\n+b2'],
    ['no band', '1+2'],
    ['a block without a band', 'b1;2'],
    ['band 0', 'b0'],
    ['a band with a zero before it', 'b01'],
    ['a band beyond all', 'b65536'],
    ['another name', 'pi*b1'],
    ['a boolean name', 'True*b1'],
    ['a name of the prototype', 'constructor(b1)'],
    ['an unknown function', 'eval(b1)'],
    ['a function of whole arrays', 'sum(b1)'],
    ['a function of complex numbers', 'real(b1)'],
    ['a function without values', 'sqrt()'],
    ['a function of too many values', 'sqrt(b1,b2)'],
    ['a value that is left out', 'where(b1>1,,b2)'],
    ['a keyword', 'sqrt(x=b1)'],
    ['a star', 'sqrt(*b1)'],
    ['chained comparisons', 'b1<b2<b3'],
    ['comparisons chained by precedence', 'b1>0&b1<3'],
    ['and', 'b1 and b2'],
    ['not', 'not b1'],
    ['if', 'b1 if b2 else b3'],
    ['shifts', 'b1<<2'],
    ['a matrix product', 'b1@b2'],
    ['an index', 'b1[0]'],
    ['an attribute', 'b1.real'],
    ['a tuple', '(b1,b2)'],
    ['a lambda', 'lambda: b1'],
    ['an assignment', 'b1:=2'],
    ['a text', '"b1"'],
    ['an imaginary number', '1j*b1'],
    ['a number with a name at its end', '2b1'],
    ['a number with a leading zero', 'b1*012'],
    ['a number with two points', 'b1*1.2.3'],
    ['a whole number beyond 2^53', 'b1*9007199254740993'],
    ['a division of constants by zero', '1/0*b1'],
    ['a condition that is none', 'where(b1,b2,b3)'],
    ['bits of fractions', 'b1&1.5'],
    ['a negative comparison', '-(b1>b2)'],
    ['a difference of comparisons', '(b1>b2)-(b1>1)'],
    ['parentheses in hundreds', `${'('.repeat(200)}b1${')'.repeat(200)}`],
    ['signs in hundreds', `${'-'.repeat(200)}b1`],
    ['operators in hundreds', Array(200).fill('b1').join('+')],
    ['blocks beyond 32', Array(33).fill('b1').join(';')],
    ['characters beyond 4,096', `b1${' '.repeat(4_100)}+b1`],
  ])('with %s is refused', (_, text) => {
    expect(failure(() => parseExpression(text)).code).toBe('EXPRESSION_INVALID')
  })
})

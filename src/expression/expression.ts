/**
 * A parsed expression of titiler's language (numexpr's), one block a band of the result. It is made by the parser alone, so that
 * evaluating one never meets a name, a call or an operator that is not on the list.
 */
export interface Expression {
  /** Blocks in lower case without the spaces around them, joined by `;`: what is hashed for a key and travels in a job. */
  readonly text: string
  readonly blocks: readonly ExpressionBlock[]
  /** 1-based numbers of the bands it names, ascending. */
  readonly bands: readonly number[]
}

export interface ExpressionBlock {
  readonly text: string
  readonly node: ExpressionNode
}

/** Operations between constants are already done, so an operand that is no constant depends on a band. */
export type ExpressionNode =
  | ConstantNode
  /** 1-based. */
  | { readonly kind: 'band'; readonly band: number }
  | { readonly kind: 'unary'; readonly operator: UnaryOperator; readonly operand: ExpressionNode }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: ExpressionNode
      readonly right: ExpressionNode
    }
  | { readonly kind: 'call'; readonly name: string; readonly arguments: readonly ExpressionNode[] }

/** `integer`: Python's, whatever its size; `long`: a 64-bit one, as numpy's functions of integers give. A boolean is 0 or 1. */
export interface ConstantNode {
  readonly kind: 'constant'
  readonly type: 'bool' | 'integer' | 'long' | 'double'
  readonly value: number
}

export type UnaryOperator = '-' | '~'

export type ArithmeticOperator = '+' | '-' | '*' | '/' | '//' | '%' | '**'
export type BitOperator = '&' | '|' | '^'
export type ComparisonOperator = '==' | '!=' | '<' | '<=' | '>' | '>='
export type BinaryOperator = ArithmeticOperator | BitOperator | ComparisonOperator

import { assetCases, expressionCases, unscaleCases } from './bands.ts'
import { type Case, caseId } from './case.ts'
import { colorFormulaCases, colormapCases, maskCases, rescaleCases } from './colour.ts'
import { collectionCases, documentCases } from './documents.ts'
import { formatCases } from './formats.ts'
import { matrixSetCases } from './matrix-sets.ts'
import { algorithmCases, pixelSelectionCases } from './mosaics.ts'
import { layoutCases, placesCases } from './places.ts'
import { itemCases, partCases, pointCases, previewCases, statisticsCases } from './queries.ts'
import { bandSubsets, nearest, nodataCases, readKernelCases, sizes, warpKernelCases } from './sampling.ts'

/** Every request, group by group, each once. */
export function allCases(): Case[] {
  const cases = [
    ...[nearest, warpKernelCases, readKernelCases, bandSubsets, sizes, nodataCases, placesCases, layoutCases],
    ...[assetCases, expressionCases, unscaleCases, rescaleCases, colorFormulaCases, colormapCases, maskCases],
    ...[pixelSelectionCases, algorithmCases, formatCases, matrixSetCases],
    ...[collectionCases, documentCases],
    ...[pointCases, statisticsCases, partCases, previewCases, itemCases],
  ].flatMap((group) => group())
  return [...new Map(cases.map((one) => [caseId(one), one])).values()]
}

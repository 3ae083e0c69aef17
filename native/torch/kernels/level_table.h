// Fills the table of one instruction set. Included last by the files that are compiled once for each.
#pragma once
#include "level_attention.h"
#include "level_bytes.h"
#include "level_linear.h"
#include "level_rows.h"

namespace {
const sigma::Level kTable = {
    SIGMA_LEVEL_NAME,   kVector,           kPanel,        kKeyBlock,
    kQueryBlock,        kRowBlock,         kTileRows,     transpose_panels,
    copy_panels,        multiply_rows,     gelu_all,      attention_forward,
    attention_backward, balance_start,     balance_round, balance_labels,
    cross_entropy,      standardise_bytes, adamw,
};
} // namespace

/* jf.h -- the whole library. */
#ifndef JF_H
#define JF_H

#include "base/error.h"
#include "base/matrix.h"
#include "base/real.h"
#include "base/stream.h"
#include "base/team.h"
#include "base/vmath.h"
#include "base/work.h"
#include "io/theta.h"
#include "layer/flow.h"
#include "layer/layers.h"
#include "linalg/blas.h"
#include "linalg/factor.h"
#include "map/map.h"
#include "net/net.h"
#include "train/blame.h"
#include "train/fit.h"
#include "train/latent.h"
#include "train/lbfgs.h"
#include "train/objective.h"
#include "train/optimizer.h"
#include "train/store.h"

#endif

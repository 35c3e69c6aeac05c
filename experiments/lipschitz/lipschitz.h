/* lipschitz.h -- the parts of the experiment lipschitz. */
#ifndef LIPSCHITZ_H
#define LIPSCHITZ_H

#include "common/check.h"
#include "common/lipschitz_program.h"

extern const check_list list_lipschitz; /* points.c */
void lipschitz_budget(experiment *e);
void lipschitz_curve(experiment *e);
void lipschitz_inverse(experiment *e);

#endif

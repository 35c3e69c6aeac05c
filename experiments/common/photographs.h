/* photographs.h -- the photographs of data/photographs.csv, by name.
 *
 * Each row of the list is a picture: its set, its side (train or held, the same
 * at every size), where its package puts it, and its bytes.  A file of that
 * name with other bytes is another picture, so that whoever has all of them has
 * the same.  PHOTOGRAPHS=no in the environment leaves them out. */
#ifndef PHOTOGRAPHS_H
#define PHOTOGRAPHS_H

#include "experiment.h"

/* Why there are none, as tables and verdicts say it. */
#define NO_PHOTOGRAPHS "no photographs"

/* Pixels a side of what every size is cut from: the centre of a picture. */
enum { PHOTOGRAPH_SIDE = 1024 };

/* The sets of the list, one after another there. */
#define PHOTOGRAPH_SETS "nature", "lomiri", "elephants"

/* Whether they are to be used and all are there.  Of those that are missing one
 * line on stderr says how many; a list that cannot be read, or PHOTOGRAPHS being
 * neither yes nor no, ends the program with status 2. */
int photographs_exist(void);

typedef struct {
    jf_images *images; /* held in memory (images.h); NULL: none      */
    size_t train;      /* to train on; those behind them are held out */
} photographs;

/* Those of some sets, names with a blank between.  Ends the program with status
 * 2 when a picture cannot be read. */
photographs photographs_open(const char *sets, jf_team *team);

/* How many of a set are held out. */
size_t photographs_held(const char *set);

#endif

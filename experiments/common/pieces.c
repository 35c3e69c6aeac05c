/* pieces.c -- names of partial files. */
#include "pieces.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/matrix.h"
#include "io/output.h"

char *jf_piece_path(const jf_args *args, const char *name)
{
    jf_text path = {0};
    jf_text_add(&path, "%s/%s.csv", args->out, name);
    if (args->shards)
        jf_text_add(&path, ".%zu-of-%zu", args->shard + 1, args->shards);
    jf_text_add(&path, ".partial");
    return path.data;
}

/* Whether file is NAME.csv.partial or NAME.csv.I-of-N.partial. */
static int is_piece(const char *file, const char *name)
{
    static const char digits[] = "0123456789";
    size_t n = strlen(name);
    if (strncmp(file, name, n) != 0 || strncmp(file + n, ".csv.", 5) != 0)
        return 0;
    file += n + 5;
    if (strcmp(file, "partial") == 0)
        return 1;
    size_t share = strspn(file, digits);
    if (!share || strncmp(file + share, "-of-", 4) != 0)
        return 0;
    file += share + 4;
    size_t of = strspn(file, digits);
    return of && strcmp(file + of, ".partial") == 0;
}

size_t jf_pieces_find(const jf_args *args, const char *name, char ***paths)
{
    struct dirent **found;
    char *own = jf_piece_path(args, name);
    int n = scandir(args->out, &found, NULL, alphasort);
    size_t count = 0;
    *paths = jf_alloc(n > 0 ? (size_t)n : 1, sizeof **paths);
    for (int k = 0; k < n; k++) {
        jf_text path = {0};
        jf_text_add(&path, "%s/%s", args->out, found[k]->d_name);
        if (is_piece(found[k]->d_name, name) &&
            (args->merge || strcmp(path.data, own) != 0))
            (*paths)[count++] = path.data;
        else
            free(path.data);
        free(found[k]);
    }
    if (n >= 0)
        free(found);
    free(own);
    return count;
}

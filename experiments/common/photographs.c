/* photographs.c -- the list, and the pictures it names. */
#include "photographs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { MOST = 128, FIELD = 128 };

typedef struct {
    char set[16], side[8], path[FIELD], package[FIELD];
    unsigned long bytes;
} photograph;

/* The rows of data/photographs.csv, without what is for people to read. */
static size_t read_list(photograph *list, char *path, size_t size)
{
    char line[512];
    size_t count = 0, lines = 1;
    snprintf(path, size, "%s/photographs.csv", jf_data_folder());
    FILE *f = fopen(path, "r");
    if (!f || !fgets(line, sizeof line, f))
        jf_fail(2, "%s: %s", path, f ? "no names of columns" : strerror(errno));
    while (fgets(line, sizeof line, f)) {
        photograph *p = &list[count++];
        lines++;
        if (count > MOST ||
            sscanf(line, "%15[^,],%7[^,],%127[^,],%127[^,],%*u,%*u,%lu,",
                   p->set, p->side, p->path, p->package, &p->bytes) != 5 ||
            (strcmp(p->side, "train") != 0 && strcmp(p->side, "held") != 0))
            jf_fail(2,
                    "%s:%zu: set, train or held, path, package, width, height "
                    "and bytes expected, of at most %d pictures",
                    path, lines, MOST);
    }
    fclose(f);
    return count;
}

static int is_there(const photograph *p)
{
    struct stat info;
    return stat(p->path, &info) == 0 && S_ISREG(info.st_mode) &&
           (unsigned long)info.st_size == p->bytes;
}

int photographs_exist(void)
{
    const char *wish = getenv("PHOTOGRAPHS");
    photograph list[MOST];
    char path[4096];
    size_t missing = 0, first = 0;
    if (wish && strcmp(wish, "no") == 0)
        return 0;
    if (wish && *wish && strcmp(wish, "yes") != 0)
        jf_fail(2, "PHOTOGRAPHS=%s found, yes or no expected", wish);
    size_t count = read_list(list, path, sizeof path);
    for (size_t i = count; i-- > 0;)
        if (!is_there(&list[i])) {
            missing++;
            first = i;
        }
    if (missing)
        fprintf(stderr,
                "no photographs: %zu of %zu of %s missing or changed, the "
                "first %s of %s\n",
                missing, count, path, list[first].path, list[first].package);
    return count > 0 && !missing;
}

static int is_one_of(const char *sets, const char *set)
{
    char all[256], one[32];
    snprintf(all, sizeof all, " %.250s ", sets);
    snprintf(one, sizeof one, " %.15s ", set);
    return strstr(all, one) != NULL;
}

jf_images *photographs_open(const char *sets, size_t *train, jf_team *team)
{
    photograph list[MOST];
    const char *paths[MOST];
    char path[4096];
    size_t count = read_list(list, path, sizeof path), found = 0;
    for (int held = 0; held < 2; held++) {
        if (held)
            *train = found;
        for (size_t i = 0; i < count; i++)
            if (is_one_of(sets, list[i].set) &&
                (strcmp(list[i].side, "held") == 0) == held)
                paths[found++] = list[i].path;
    }
    jf_images *images = jf_images_list(paths, found, PHOTOGRAPH_SIDE);
    if (!images || jf_images_hold(images, PHOTOGRAPH_SIDE, team) != GSL_SUCCESS)
        exit(2);
    return images;
}

/* replay.c -- the targets on their seeds, and on what was found once.
 *
 *   replay FOLDER            all targets, on the packs FOLDER/NAME
 *   replay --seeds NAME DIR  write the seeds of a target, a file each
 *   replay --unpack PACK DIR write the inputs of a pack, a file each
 *   replay --pack DIR PACK   the files of a folder as a pack
 *   replay NAME FILE...      one target on these files
 *
 * A pack is inputs one after the other, each behind its length in decimals and
 * a line end.  While an input is read no more memory may be held than LEAST
 * bytes, or SHARE times the input. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "tests/check.h"
#include "memory.h"
#include "target.h"

enum { LEAST = 64 << 20, SHARE = 16, SECONDS = 10 };

static const fuzz_target *named(const char *name)
{
    const fuzz_target *t = fuzz_targets;
    while (t->name && strcmp(t->name, name) != 0)
        t++;
    if (!t->name)
        fprintf(stderr, "replay: no target %s\n", name);
    return t->name ? t : NULL;
}

static void run(const void *bytes, size_t size, void *arg)
{
    const fuzz_target *t = arg;
    size_t most = SHARE * size > LEAST ? SHARE * size : LEAST;
    clock_t began = clock();
    memory_watch();
    t->run(bytes, size);
    size_t held = memory_most();
    double seconds = (double)(clock() - began) / CLOCKS_PER_SEC;
    if (held > most || seconds > SECONDS)
        fprintf(stderr, "%s: input of %zu bytes: %zu bytes held, %g s\n",
                t->name, size, held, seconds);
    CHECK(held <= most);
    CHECK(seconds <= SECONDS);
}

static unsigned char *load(const char *path, size_t *size)
{
    struct stat info;
    FILE *f = fopen(path, "rb");
    if (!f || fstat(fileno(f), &info) != 0) {
        perror(path);
        exit(2);
    }
    unsigned char *bytes = malloc((size_t)info.st_size + 1);
    *size = bytes ? fread(bytes, 1, (size_t)info.st_size, f) : 0;
    fclose(f);
    return bytes;
}

/* The inputs of a pack. */
static void each(const char *path, fuzz_add *add, void *arg)
{
    size_t size, at = 0;
    unsigned char *bytes = load(path, &size);
    bytes[size] = 0;
    while (at < size) {
        char *end;
        size_t length = strtoul((char *)bytes + at, &end, 10);
        at = (size_t)((unsigned char *)end - bytes) + 1;
        if (*end != '\n' || at > size || length > size - at) {
            fprintf(stderr, "replay: %s: damaged\n", path);
            exit(2);
        }
        /* a block of its own, so that a sanitizer sees its end */
        unsigned char *own = malloc(length ? length : 1);
        memcpy(own, bytes + at, length);
        add(own, length, arg);
        free(own);
        at += length;
    }
    free(bytes);
}

typedef struct {
    const char *folder;
    unsigned count;
} place;

static void write_one(const void *bytes, size_t size, void *arg)
{
    place *p = arg;
    char path[512];
    snprintf(path, sizeof path, "%s/%04u", p->folder, p->count++);
    FILE *f = fopen(path, "wb");
    if (!f || fwrite(bytes, 1, size, f) != size || fclose(f) != 0) {
        perror(path);
        exit(1);
    }
}

static int visible(const struct dirent *e)
{
    return *e->d_name != '.';
}

static void pack(const char *folder, const char *path)
{
    struct dirent **files;
    int count = scandir(folder, &files, visible, alphasort);
    FILE *f = fopen(path, "wb");
    if (count < 0 || !f) {
        perror(count < 0 ? folder : path);
        exit(1);
    }
    for (int k = 0; k < count; k++) {
        char name[512];
        size_t size;
        snprintf(name, sizeof name, "%s/%s", folder, files[k]->d_name);
        unsigned char *bytes = load(name, &size);
        fprintf(f, "%zu\n", size);
        fwrite(bytes, 1, size, f);
        free(bytes);
        free(files[k]);
    }
    free(files);
    if (fclose(f) != 0)
        exit(1);
}

/* Of each target: seeds, most of which are good, and its pack. */
static void replay(const char *folder)
{
    for (const fuzz_target *t = fuzz_targets; t->name; t++) {
        char path[512];
        fuzz_runs = fuzz_read = 0;
        if (t->seeds) {
            fuzz_all = 1;
            t->seeds(run, (void *)(uintptr_t)t);
            fuzz_all = 0;
            if (fuzz_read == 0)
                fprintf(stderr, "%s: no seed is good\n", t->name);
            CHECK(fuzz_read > 0);
        }
        unsigned long seeds = fuzz_runs;
        snprintf(path, sizeof path, "%s/%s", folder, t->name);
        FILE *f = fopen(path, "rb");
        CHECK(f != NULL);
        if (f) {
            fclose(f);
            each(path, run, (void *)(uintptr_t)t);
        }
        printf("  %-12s %4lu of seeds, %5lu of what was found: %lu read\n",
               t->name, seeds, fuzz_runs - seeds, fuzz_read);
    }
}

int main(int argc, char **argv)
{
    const fuzz_target *t;
    place p = {argc > 3 ? argv[3] : NULL, 0};
    if (!freopen("/dev/null", "r", stdin))
        return 1;
    if (argc == 4 && strcmp(argv[1], "--seeds") == 0) {
        if (!(t = named(argv[2])) || !t->seeds)
            return 2;
        t->seeds(write_one, &p);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "--unpack") == 0) {
        each(argv[2], write_one, &p);
        return 0;
    }
    if (argc == 4 && strcmp(argv[1], "--pack") == 0) {
        pack(argv[2], argv[3]);
        return 0;
    }
    if (argc > 2 && !(t = named(argv[1])))
        return 2;
    for (int i = 2; i < argc; i++) {
        size_t size;
        unsigned char *bytes = load(argv[i], &size);
        run(bytes, size, (void *)(uintptr_t)t);
        free(bytes);
    }
    if (argc == 2 && strcmp(argv[1], "--list") == 0) {
        for (t = fuzz_targets; t->name; t++)
            puts(t->name);
        return 0;
    }
    if (argc <= 2)
        replay(argc == 2 ? argv[1] : FUZZ_CORPUS);
    return check_end();
}

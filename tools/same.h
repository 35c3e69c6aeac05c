/* same.h -- tables that are the same but for time and memory. */
#ifndef TOOLS_SAME_H
#define TOOLS_SAME_H

/* Whether no two runs agree in a column of that name: time and memory. */
int is_unrepeatable(const char *column);

/* Whether both texts are numbers, as those of an unrepeatable column must. */
int both_numbers(const char *a, const char *b);

/* Are two tables the same text, in all header lines and all fields but the
 * unrepeatable?  0: yes; 1: no, or unreadable, after a line that says where. */
int same_files(const char *first, const char *second);

/* Are the tables of two folders, but for the header lines that name a program,
 * a version or a commit?  A line for each that differs and a count at the end.
 * except, unless NULL: names, or patterns of the shell, with commas between,
 * of tables that may differ.  0: yes; 1: no; 2: no tables, or a name in except
 * that fits none of them. */
int same_folders(const char *first, const char *second, const char *except);

#endif

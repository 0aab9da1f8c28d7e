/*
 * op.h
 *	  Operations of a random flow: commands whose names of things are symbolic,
 *	  so that a list of them keeps its meaning when parts of it are taken out.
 *
 * An operation is a verb and a value for each of the verb's fields.  The table
 * in op_table.c says for each field where it is in ClrCommand, how to make a
 * random value, how to print it and which value is the simplest.  Generating,
 * encoding, printing, reading and shrinking all go by this table: a new
 * attribute of a command is one line of it, a new command one entry.
 *
 * A batch is an operation too; its orders are the operations behind it.
 */
#ifndef CLR_PROPERTY_OP_H
#define CLR_PROPERTY_OP_H

#include <stdio.h>

#include "engine/engine.h"

#define OP_FIELDS 26			/* most fields of a verb */
#define OP_REASONS 256
#define OP_SLOTS 32				/* objects of one kind a flow can name */

/* What a value means.  Names of objects: see op_resolve() in op_encode.c. */
typedef enum FieldKind
{
	NUMBER,
	ASSET, MEMBER, ACCOUNT, INSTRUMENT, /* 0 none, n > 0 slot n, < 0 id -1 - n */
	ORDER,						/* 0 none, n > 0 entered by operation n, < 0 as above */
	REF, ORIG,					/* text "r<n>", 0 = none */
	NAME, NAME2,				/* text "N<n>" */
	GONE,						/* bit per attribute that a replace takes away */
	ATTR,						/* attribute of an order, number `at`; 0 = not given */
	PAIR_FIELD, PAIR_VALUE,		/* number and value of a field (SET_FIELDS); 0 = none */
	FIELD,						/* field number `at`, 0 = not given */
	QUOTE,						/* part of a quote, behind its instrument */
	TRADE,						/* 0 none, n > 0 a trade of operation n */
	SLOT,						/* where the created object is named from now on */
	DAMAGE,						/* 256 * offset + bits to flip in the bytes sent */
	PLAIN						/* read by the player or by what encodes the verb */
} FieldKind;

typedef struct Flow Flow;

typedef struct Word
{
	int64_t		value;
	const char *text;
} Word;

typedef struct Field
{
	const char *name;
	FieldKind	kind;
	size_t		at;				/* in ClrCommand; the number of an ATTR or FIELD */
	size_t		size;
	int64_t		(*make) (Flow *f);
	int64_t		simple;			/* what shrinking tries first */
	const Word *words;			/* names of values, ends with a NULL text */
} Field;

typedef struct Op
{
	uint32_t	uid;			/* its number when it was generated */
	uint8_t		verb;			/* index into the table of verbs */
	int64_t		v[OP_FIELDS];
} Op;

typedef struct Verb
{
	const char *name;
	uint8_t		type;			/* ClrCommandType, 0 = for the player */
	unsigned	weight;			/* how often, of the sum of all */
	const Field *fields;
	size_t		n;
	void		(*tune) (Flow *f, Op *op);	/* makes fields fit together */
	unsigned	needs;			/* what a flow must have for it, FlowRich in flow.h */
} Verb;

typedef struct OpList
{
	Op		   *ops;
	size_t		n;
	size_t		cap;
} OpList;

/* What symbolic names stand for while a list is played. */
typedef struct Names
{
	uint64_t	slots[INSTRUMENT + 1][OP_SLOTS];
	uint64_t   *orders;			/* [uid] */
	uint64_t   *first_trade;	/* [uid], 0 = none */
	uint32_t   *n_op_trades;	/* [uid] */
	size_t		n_orders;		/* length of these */
	ClrTradeEvent *trades;		/* [id - 1] */
	size_t		n_trades;
	size_t		cap_trades;
} Names;

/* op_table.c */
extern const Verb *op_verb(unsigned verb);	/* NULL past the last */
extern unsigned op_verb_named(const char *name);
extern int	op_field_named(const Op *op, const char *field);	/* -1 = none */
extern int64_t *value_of(Op *op, const char *field);
extern int64_t op_get(const Op *op, const char *field);
extern bool op_is(const Op *op, const char *verb);
/* How many of the operations behind this one are part of it. */
extern size_t op_members(const OpList *list, size_t at);

/* flow.c */
extern unsigned op_rich;		/* kinds of things that random flows may have */
/* A random flow of about n operations; the same for the same seed. */
extern void op_generate(OpList *list, uint64_t seed, size_t n);
/* The same character of a flow, n operations in all after those there are. */
extern void op_extend(OpList *list, uint64_t seed, size_t n);
extern Op  *op_append(OpList *list);

/* op_encode.c */
/*
 * Bytes of the command (room for clr_command_longest()), 0 = can't be encoded.
 * Behind op lie `members` more that are part of it.
 */
extern size_t op_encode(const Op *op, size_t members, const Names *names, uint8_t *buf);

/* op_names.c */
extern void names_init(Names *names, const OpList *list);
extern void names_free(Names *names);
/* The id that a symbolic value stands for; one nobody has if not created. */
extern uint64_t op_resolve(FieldKind kind, int64_t v, const Names *names);
/* The n'th trade of an operation, NULL = it had none. */
extern const ClrTradeEvent *op_trade(const Names *names, int64_t uid, int64_t n);
/* Takes note of what an operation created, from its events. */
extern void op_note(const Op *op, size_t members, Names *names, const ClrEventBuffer *ev);

/* op_text.c */
extern void op_print(FILE *to, const Op *op);
extern bool op_read(const char *line, Op *op);

#endif							/* CLR_PROPERTY_OP_H */
